import type { Sql } from '../sql/sql.ts'
import { quoted } from './outbox-tables.ts'
import { type AppliedMigration, hasTable, readApplied } from './stored-version.ts'

/** What a database has of messaging before a migration. */
export interface FoundTables {
  /** The schema in which the tables are, or will be made. */
  readonly from: string
  /** The migrations that have been applied to them. */
  readonly applied: readonly AppliedMigration[]
  /** Whether the table of applied migrations is there. */
  readonly isRecorded: boolean
}

/**
 * Finds the tables: in their schema; or in the first schema of the search path, where version 1 made them; or where a
 * service's own migrations made them.
 *
 * @param madeIn - the schema in which the service's own migrations have made the tables of version 1
 */
export async function findTables(
  sql: Sql,
  schema: string,
  madeIn: string | undefined,
  version1: AppliedMigration,
): Promise<FoundTables> {
  const recorded = await readApplied(sql, quoted(schema))
  if (recorded !== undefined) return { from: schema, applied: recorded, isRecorded: true }
  const [first] = await sql.query<{ schema: string }>(firstOfPath, [schema])
  const ofVersion1 = first && (await readApplied(sql, quoted(first.schema)))
  // Tables with more versions belong to another service's schema of messaging, and must not be moved.
  if (first !== undefined && ofVersion1?.length === 1)
    return { from: first.schema, applied: ofVersion1, isRecorded: true }
  if (madeIn !== undefined && (await hasTable(sql, `${quoted(madeIn)}.consumer_position`)))
    return { from: madeIn, applied: [version1], isRecorded: false }
  return { from: schema, applied: [], isRecorded: false }
}

/**
 * The schema in which version 1 made its tables: the first of the search path, without the one of messaging. The path
 * may go on through schemas of other services.
 */
const firstOfPath = `
  SELECT schema FROM unnest(current_schemas(false)::text[]) WITH ORDINALITY AS path (schema, nth)
  WHERE schema <> $1 ORDER BY nth LIMIT 1`
