import { setTimeout as sleep } from 'node:timers/promises'
import { isHeld, messagingVersion, readApplied } from '@boxoffice/messaging/sql'
import type { Logger } from '../telemetry/log.ts'
import type { Database } from './database.ts'
import type { MigrationClass } from './migration-class.ts'
import { hasMigrationsTable, migrationsTable } from './migrations-table.ts'
import { query } from './query.ts'

export interface WaitForSchemaOptions {
  readonly database: Pick<Database, 'em'>
  readonly migrations: readonly MigrationClass[]
  readonly log: Logger
  /** Ends the wait. */
  readonly signal: AbortSignal
}

/**
 * Waits until the command `migrate` has applied every migration that this code was written for, and logs what is
 * missing. A newer schema is accepted here: newer code may be on its way. If tables of messaging have changed so that
 * this code does not work with them, its consumer fails at its start (SCHEMA_AHEAD).
 *
 * @throws the signal's reason when aborted
 */
export async function waitForSchema({
  database,
  migrations,
  log,
  signal,
}: WaitForSchemaOptions): Promise<void> {
  const needed = migrations.map(({ name }) => name)
  for (let looks = 0; ; looks++) {
    const problem = await problemOf(database, needed)
    if (problem === undefined) return
    if (looks % looksPerLine === 0) log.warn(problem.details, problem.message)
    await sleep(pollMs, undefined, { signal })
  }
}

const pollMs = 1_000
const looksPerLine = 30

/** The problem with the schema; undefined if there is none. */
async function problemOf(
  database: Pick<Database, 'em'>,
  needed: readonly string[],
): Promise<{ details: object; message: string } | undefined> {
  try {
    const applied = await appliedMigrations(database)
    const missing = needed.filter((name) => !applied.has(name))
    const messaging = await readApplied(database.em())
    if ((messaging?.length ?? 0) < messagingVersion) missing.push(`messaging ${messagingVersion}`)
    if (missing.length === 0) return undefined
    const message =
      'the schema of the database is behind: run this service with the argument `migrate`, as its owner'
    return { details: { missing }, message }
  } catch (err) {
    // A restore holds the database, and needs this process to serve the operators' API.
    if (isHeld(err)) return undefined
    return { details: { err }, message: 'waiting for the database' }
  }
}

async function appliedMigrations({ em }: Pick<Database, 'em'>): Promise<ReadonlySet<string>> {
  if (!(await hasMigrationsTable(em()))) return new Set()
  const rows = await query<{ name: string }>(em(), `SELECT name FROM ${migrationsTable}`)
  return new Set(rows.map((row) => row.name))
}
