import { createHash } from 'node:crypto'
import type { Sql, SqlDatabase } from '../sql/sql.ts'
import { type FoundTables, findTables } from './find-tables.ts'
import { lockMovedTables } from './lock-moved-tables.ts'
import { type Migration, migrations, referencePlace } from './migrations.ts'
import { outboxTables, quoted, relayRights } from './outbox-tables.ts'
import { defaultSchema, type Place, publicationOf } from './place.ts'
import { refuseNewer } from './refuse-newer.ts'
import { refuseTaken } from './refuse-taken.ts'
import { SchemaError } from './schema-error.ts'
import type { AppliedMigration } from './stored-version.ts'

export interface MigrationOptions {
  /** The schema of the tables, `messaging` by default: at most 48 small letters, digits and underscores. */
  readonly schema?: string
  /** The role of the relay, if it is not the owner: it gets the rights that a relay needs, and no others. */
  readonly relayRole?: string
  /** The schema in which the service's own migrations made the tables of version 1 (`/sql`): they are taken over. */
  readonly madeIn?: string
}

/**
 * Makes the tables of messaging in a schema of their own, or brings them up to this version of the library. It does so
 * in one transaction and under a lock, so that several processes may do it at the same time. Call it before the
 * migrations of the service, as the owner of the database. The `search_path` of the service's connections names the
 * schema, behind that of the service's own tables.
 *
 * Tables that version 1 made elsewhere, in the first schema of the search path, are moved. Their locks are given back
 * if not all of them can be had within two seconds, and are tried again for less than a minute (then SQL state
 * 55P03). Processes of the older version fail until they are replaced, with SQL state 42P01 (no such table), and
 * nothing of what they do is kept.
 *
 * @returns the versions that it applied
 * @throws SchemaError SCHEMA_AHEAD, SCHEMA_CHANGED, SCHEMA_TAKEN, SCHEMA_NOWHERE, SCHEMA_NAME
 *
 * @example
 * const options = '-c search_path=public,messaging'
 * await migrateMessaging(createPgDatabase(new pg.Pool({ connectionString, options })))
 */
export async function migrateMessaging(
  database: SqlDatabase,
  { schema = defaultSchema, relayRole, madeIn }: MigrationOptions = {},
): Promise<readonly number[]> {
  refuseName(schema)
  return await database.transaction(async (sql) => {
    await sql.query('SELECT pg_advisory_xact_lock($1)', [lockId])
    await makeSchema(sql, schema)
    const present = await findTables(sql, schema, madeIn, appliedFirst)
    const missing = missingOf(present.applied)
    const place = { from: present.from, schema, publication: publicationOf(schema) }
    const areThere = place.from === schema && present.applied.length > 0
    if (missing.length > 0) await refuseTaken(sql, place, areThere)
    if (!present.isRecorded) await record(sql, place, present)
    if (place.from !== schema) await lockMovedTables(sql, place.from)
    for (const migration of missing) await apply(sql, migration, place)
    await refuseHidden(sql, schema)
    if (relayRole !== undefined) await grantRelay(sql, relayRole, schema)
    return missing.map(({ version }) => version)
  })
}

/** A number that no other lock has: the first bytes of the SHA-256 of the package's name. */
const lockId = createHash('sha256').update('@boxoffice/messaging').digest().readInt32BE()

/** The name is part of the names of the publication and its shards, which PostgreSQL cuts off after 63 bytes. */
function refuseName(schema: string): void {
  if (/^[a-z_][a-z0-9_]{0,47}$/.test(schema) && !schema.startsWith('pg_')) return
  throw new SchemaError(
    'SCHEMA_NAME',
    `the schema of messaging cannot be called ${JSON.stringify(schema)}: it takes at most 48 small letters, digits and underscores, and not pg_ in front`,
  )
}

async function makeSchema(sql: Sql, schema: string): Promise<void> {
  // CREATE … IF NOT EXISTS needs the right to create a schema even if it exists.
  const [found] = await sql.query<{ schema: string | null }>('SELECT to_regnamespace($1)::text AS schema', [
    quoted(schema),
  ])
  if (found?.schema == null) await sql.query(`CREATE SCHEMA ${quoted(schema)}`)
  const [path] = await sql.query<{ leads: boolean }>(
    'SELECT $1::text = ANY (current_schemas(false)::text[]) AS leads',
    [schema],
  )
  if (path?.leads) return
  throw new SchemaError(
    'SCHEMA_NOWHERE',
    `the search_path of the database connection does not lead to the tables of messaging: name their schema in it, behind that of the service's own tables, search_path=public,${schema}`,
  )
}

/** @throws SchemaError if the applied migrations are not those of this version of the library */
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

/** Makes the table of applied migrations, with those that were applied without it. */
async function record(sql: Sql, { schema }: Place, { applied }: FoundTables): Promise<void> {
  await sql.query(createTable(schema))
  for (const migration of applied) await note(sql, schema, migration)
}

async function apply(sql: Sql, migration: Migration, place: Place): Promise<void> {
  const [path] = await sql.query<{ before: string }>(
    `SELECT current_setting('search_path') AS before, set_config('search_path', $1, true)`,
    [quoted(place.from)],
  )
  for (const statement of migration.statements(place)) await sql.query(statement)
  await sql.query(`SELECT set_config('search_path', $1, true)`, [path?.before])
  await note(sql, place.schema, appliedOf(migration))
}

async function note(sql: Sql, schema: string, { version, checksum, needs }: AppliedMigration): Promise<void> {
  const table = `${quoted(schema)}.messaging_migration`
  await sql.query(`ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS needs integer`)
  await sql.query(`INSERT INTO ${table} (version, checksum, needs) VALUES ($1, $2, $3)`, [
    version,
    checksum,
    needs,
  ])
}

/** @throws SchemaError SCHEMA_TAKEN if the search path finds another table of such a name first */
async function refuseHidden(sql: Sql, schema: string): Promise<void> {
  const [hidden] = await sql.query<{ name: string }>(
    `SELECT relname::text AS name FROM pg_class
     WHERE relnamespace = to_regnamespace($1) AND relkind = 'r' AND to_regclass(quote_ident(relname)) <> pg_class.oid
     ORDER BY 1 LIMIT 1`,
    [quoted(schema)],
  )
  if (hidden === undefined) return
  throw new SchemaError(
    'SCHEMA_TAKEN',
    `the search_path finds another table ${hidden.name} before that of messaging: name ${schema} in front, or give the other table another name`,
  )
}

/** The checksum of the statements, whatever their place and their spaces. */
function checksumOf(migration: Migration): string {
  const text = migration.statements(referencePlace).join(';').replace(/\s+/g, ' ')
  return createHash('sha256').update(text).digest('hex')
}

/** The row that records a migration once it has been applied. */
function appliedOf(migration: Migration): AppliedMigration {
  return { version: migration.version, checksum: checksumOf(migration), needs: migration.needs }
}

const appliedFirst = appliedOf(migrations[0] as Migration)

async function grantRelay(sql: Sql, role: string, schema: string): Promise<void> {
  await sql.query(`GRANT USAGE ON SCHEMA ${quoted(schema)} TO ${quoted(role)}`)
  const tables = outboxTables({ schema, table: 'outbox', publication: publicationOf(schema) })
  for (const [table, privileges] of Object.entries(relayRights(tables)))
    await sql.query(`GRANT ${privileges} ON ${table} TO ${quoted(role)}`)
}

const createTable = (schema: string): string => `
  CREATE TABLE ${quoted(schema)}.messaging_migration (
    version    integer PRIMARY KEY,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`
