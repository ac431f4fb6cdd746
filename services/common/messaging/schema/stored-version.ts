import type { Sql } from '../sql/sql.ts'

/** A migration that has been applied to a database. */
export interface AppliedMigration {
  readonly version: number
  readonly checksum: string
  /** The oldest version of the library that works with the tables after this migration. */
  readonly needs: number
}

/**
 * Reads the migrations that have been applied, in order; undefined if messaging has never made its tables.
 *
 * @param schema - the schema to look in, quoted for SQL; without it the search path decides
 */
export async function readApplied(
  sql: Sql,
  schema?: string,
): Promise<readonly AppliedMigration[] | undefined> {
  const table = `${schema === undefined ? '' : `${schema}.`}messaging_migration`
  if (!(await hasTable(sql, table))) return undefined
  // A table from before `needs` was recorded does not have the column: each of its migrations needs itself.
  return await sql.query<AppliedMigration>(
    `SELECT version::int AS version, checksum, coalesce((to_jsonb(migration) ->> 'needs')::int, version) AS needs
     FROM ${table} AS migration ORDER BY version`,
  )
}

/** Whether there is a table of this name, quoted for SQL: with a schema, or found through the search path. */
export async function hasTable(sql: Sql, name: string): Promise<boolean> {
  const [found] = await sql.query<{ table: string | null }>('SELECT to_regclass($1)::text AS table', [name])
  return found?.table != null
}
