import { createHash } from 'node:crypto'
import type { Sql, SqlDatabase } from '../sql/sql.ts'
import { type Migration, migrations } from './migrations.ts'
import { defaultOutboxTables, quoted, relayRights } from './outbox-tables.ts'
import { SchemaError } from './schema-error.ts'
import { type AppliedMigration, hasTable, readApplied } from './stored-version.ts'

export interface MigrationOptions {
  /** The role of the relay, where it is not the owner: it gets what a relay does, and nothing else. */
  readonly relayRole?: string
}

/**
 * Makes the tables of messaging, or brings them up to this version of the library: in the first schema of the connection's
 * `search_path`, in one transaction, under a lock, so that several processes may do it at the same time. Call it before the
 * migrations of the service, as the owner of the schema.
 *
 * @returns the versions that it applied
 * @throws SchemaError SCHEMA_AHEAD, SCHEMA_CHANGED, SCHEMA_TAKEN, SCHEMA_NOWHERE
 *
 * @example
 * await migrateMessaging(createPgDatabase(new pg.Pool({ connectionString })))
 */
export async function migrateMessaging(
  database: SqlDatabase,
  { relayRole }: MigrationOptions = {},
): Promise<readonly number[]> {
  return await database.transaction(async (sql) => {
    await sql.query('SELECT pg_advisory_xact_lock($1)', [lockId])
    const schema = await schemaOf(sql)
    const applied = await readApplied(sql, schema)
    const missing = missingOf(applied ?? [])
    if (applied === undefined) await refuseForeignTables(sql, schema)
    if (applied === undefined) await sql.query(createTable)
    for (const migration of missing) await apply(sql, migration, schema)
    if (relayRole !== undefined) await grantRelay(sql, relayRole, schema)
    return missing.map(({ version }) => version)
  })
}

/** Any number that no other lock has: the first bytes of SHA-256 of the package's name. */
const lockId = createHash('sha256').update('@boxoffice/messaging').digest().readInt32BE()

/** @throws SchemaError if what was applied is not what this version of the library says */
function missingOf(applied: readonly AppliedMigration[]): readonly Migration[] {
  refuseNewer(applied)
  for (const { version, checksum } of applied) {
    const migration = migrations[version - 1]
    if (migration !== undefined && checksumOf(migration) !== checksum)
      throw new SchemaError(
        'SCHEMA_CHANGED',
        `migration ${version} of messaging said something else when this database was made: go back to the version of the library that made it`,
      )
  }
  return migrations.slice(applied.length)
}

/** @throws SchemaError SCHEMA_AHEAD */
export function refuseNewer(applied: readonly AppliedMigration[]): void {
  if (applied.length <= migrations.length) return
  throw new SchemaError(
    'SCHEMA_AHEAD',
    `the tables of messaging have version ${applied.length}, and this version of @boxoffice/messaging knows ${migrations.length}: update the library`,
  )
}

/** Where tables are made, as SQL names it. @throws SchemaError SCHEMA_NOWHERE */
async function schemaOf(sql: Sql): Promise<string> {
  const [found] = await sql.query<{ schema: string }>(selectSchema)
  if (found !== undefined) return found.schema
  throw new SchemaError(
    'SCHEMA_NOWHERE',
    'the search_path of the database connection names no schema that is there and keeps tables: create one, or name another first',
  )
}

async function refuseForeignTables(sql: Sql, schema: string): Promise<void> {
  for (const table of ['outbox', 'inbox', 'consumer_position', 'dead_letter'])
    if (await hasTable(sql, `${schema}.${table}`))
      throw new SchemaError(
        'SCHEMA_TAKEN',
        `there is a table ${table} that messaging has not made: give messaging a schema of its own, first in the search_path of its connections`,
      )
}

async function apply(sql: Sql, migration: Migration, schema: string): Promise<void> {
  for (const statement of migration.statements(schema)) await sql.query(statement)
  await sql.query('INSERT INTO messaging_migration (version, checksum) VALUES ($1, $2)', [
    migration.version,
    checksumOf(migration),
  ])
}

/** Of the statements, whatever their schema and their spaces. */
function checksumOf(migration: Migration): string {
  const text = migration.statements('of_the_service').join(';').replace(/\s+/g, ' ')
  return createHash('sha256').update(text).digest('hex')
}

async function grantRelay(sql: Sql, role: string, schema: string): Promise<void> {
  await sql.query(`GRANT USAGE ON SCHEMA ${schema} TO ${quoted(role)}`)
  for (const [table, privileges] of Object.entries(relayRights(defaultOutboxTables)))
    await sql.query(`GRANT ${privileges} ON ${table} TO ${quoted(role)}`)
}

/** PostgreSQL's own schemas, and a session's temporary one, begin with pg_; where there is none, current_schema() is null. */
const selectSchema = `SELECT quote_ident(current_schema()) AS schema WHERE current_schema() !~ '^pg_'`

const createTable = `
  CREATE TABLE messaging_migration (
    version    integer PRIMARY KEY,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`
