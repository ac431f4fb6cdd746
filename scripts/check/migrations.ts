import { createHash } from 'node:crypto'
import { glob, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { MigrationClass } from '@boxoffice/common/postgres/migration-class.ts'
import { migrations, referencePlace } from '@boxoffice/messaging/sql'
import { repositoryDir } from '../platform/paths.ts'

/**
 * The SHA-256 of each migration's statements, by the name of its file, or by the number of a migration of messaging.
 */
export type MigrationSums = Readonly<Record<string, string>>

const sumsFile = path.join(repositoryDir, 'scripts/check/migrations.json')

// `node scripts/check/migrations.ts` records new migrations. It changes no existing sum.
if (import.meta.main) {
  const sums = { ...(await readMigrations()), ...(await readSums()) }
  await writeFile(sumsFile, `${JSON.stringify(sums, null, 2)}\n`)
}

/**
 * Returns the faults of the migrations, one sentence each. A migration that a database has applied is never changed or
 * removed, because that database would differ from what the code expects.
 */
export function faultsOf(migrations: MigrationSums, sums: MigrationSums): string[] {
  const changed = Object.entries(sums)
    .filter(([name, sum]) => migrations[name] !== sum)
    .map(
      ([name]) =>
        `${name} ${migrations[name] ? 'has changed' : 'is gone'}, and databases have applied it: leave it as it was, and add a new migration.`,
    )
  const added = Object.keys(migrations)
    .filter((name) => !(name in sums))
    .map(
      (name) =>
        `${name} is new: \`node scripts/check/migrations.ts\` records it, and from then on it must not change.`,
    )
  return [...changed, ...added]
}

/** The sums of the migrations as they are now. */
export async function readMigrations(): Promise<MigrationSums> {
  const sums: Record<string, string> = {}
  for (const migration of migrations)
    sums[`messaging ${migration.version}`] = sumOf(migration.statements(referencePlace))
  const files: string[] = []
  for await (const file of glob('services/*/src/storage/migrations/[0-9]*.ts', { cwd: repositoryDir }))
    files.push(file)
  for (const file of files.sort()) {
    const loaded: Record<string, MigrationClass> = await import(
      pathToFileURL(path.join(repositoryDir, file)).href
    )
    const statements = Object.values(loaded).map((Migration) => statementsOf(Migration))
    sums[file.replaceAll(path.sep, '/')] = sumOf((await Promise.all(statements)).flat())
  }
  return sums
}

export async function readSums(): Promise<MigrationSums> {
  return JSON.parse(await readFile(sumsFile, 'utf8'))
}

/** Collects the statements of a migration without a database: no migration queries one. */
async function statementsOf(Migration: MigrationClass): Promise<string[]> {
  const nothing = undefined as never
  const migration = new Migration(nothing, nothing)
  await migration.up()
  return migration.getQueries().map(String)
}

/** The sum as a database stores it: white space does not count. */
function sumOf(statements: readonly string[]): string {
  const text = statements.map((statement) => statement.replace(/\s+/g, ' ')).join(';')
  return createHash('sha256').update(text).digest('hex')
}
