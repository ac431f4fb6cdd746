import type { Sql } from '../sql/sql.ts'
import { quoted } from './outbox-tables.ts'
import { SchemaError } from './schema-error.ts'
import { type AppliedMigration, hasTable, readApplied } from './stored-version.ts'

/** What a database has of messaging before it is migrated. */
export interface Present {
  /** Where the tables are, or are to be made. */
  readonly from: string
  /** What has been applied to them. */
  readonly applied: readonly AppliedMigration[]
  /** Whether the table that says so is there. */
  readonly isRecorded: boolean
}

/**
 * Finds the tables: in their schema; where the search path leads, as version 1 made them; or where a service's own migrations did.
 *
 * @param madeIn - the schema in which the service's own migrations have made the tables of version 1
 * @throws SchemaError SCHEMA_TAKEN
 */
export async function findTables(
  sql: Sql,
  schema: string,
  madeIn: string | undefined,
  first: AppliedMigration,
): Promise<Present> {
  const atHome = await readApplied(sql, quoted(schema))
  if (atHome !== undefined) return { from: schema, applied: atHome, isRecorded: true }
  const [elsewhere] = await sql.query<{ schema: string }>(schemaOfTable, ['messaging_migration'])
  const applied = elsewhere && (await readApplied(sql, quoted(elsewhere.schema)))
  // Those of version 2 and later have a home: another outbox' in the same database.
  if (elsewhere !== undefined && applied?.length === 1)
    return { from: elsewhere.schema, applied, isRecorded: true }
  if (madeIn !== undefined && (await hasTable(sql, `${quoted(madeIn)}.consumer_position`)))
    return { from: madeIn, applied: [first], isRecorded: false }
  await refuseForeignTables(sql, schema)
  return { from: schema, applied: [], isRecorded: false }
}

async function refuseForeignTables(sql: Sql, schema: string): Promise<void> {
  for (const table of ['outbox', 'inbox', 'consumer_position', 'dead_letter'])
    if (await hasTable(sql, `${quoted(schema)}.${table}`))
      throw new SchemaError(
        'SCHEMA_TAKEN',
        `there is a table ${schema}.${table} that messaging has not made: give messaging a schema of its own, migrateMessaging(database, { schema })`,
      )
}

/** Where the search path finds a table. */
const schemaOfTable = `
  SELECT nspname::text AS schema FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
  WHERE pg_class.oid = to_regclass($1)`
