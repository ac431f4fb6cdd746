import type { Database } from './database.ts'

export interface RowsWithoutId {
  readonly rows: number
  /** Of some of them. */
  readonly messageIds: readonly string[]
}

/** Finds the rows by which an operator can tell what is not published. */
export async function findRowsWithoutId(database: Database): Promise<RowsWithoutId> {
  const { rows } = await database.query<RowsWithoutId>(
    `SELECT count(*)::int AS rows,
       coalesce((array_agg(message_id::text) FILTER (WHERE message_id IS NOT NULL))[1:5], '{}') AS "messageIds"
     FROM ${database.tables.outbox} WHERE id IS NULL`,
  )
  return rows[0] ?? { rows: 0, messageIds: [] }
}
