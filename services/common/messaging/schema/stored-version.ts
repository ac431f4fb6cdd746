import type { Sql } from '../sql/sql.ts'

/** A migration that has been applied to a database. */
export interface AppliedMigration {
  readonly version: number
  readonly checksum: string
}

/** The migrations that have been applied, in order; undefined where messaging has never made its tables. */
export async function readApplied(sql: Sql): Promise<readonly AppliedMigration[] | undefined> {
  if (!(await hasTable(sql, 'messaging_migration'))) return undefined
  return await sql.query<AppliedMigration>(selectApplied)
}

/** Whether the search path leads to a table of this name. */
export async function hasTable(sql: Sql, name: string): Promise<boolean> {
  const [found] = await sql.query<{ table: string | null }>('SELECT to_regclass($1)::text AS table', [name])
  return found?.table != null
}

const selectApplied = 'SELECT version::int AS version, checksum FROM messaging_migration ORDER BY version'
