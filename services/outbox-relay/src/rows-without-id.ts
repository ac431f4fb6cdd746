import type { Database } from './database.ts'

export interface RowsWithoutId {
  readonly rows: number
  /** The message ids of some of them. */
  readonly messageIds: readonly string[]
}

/** Finds rows that are not published, so that an operator can identify them. */
export async function findRowsWithoutId(database: Database): Promise<RowsWithoutId> {
  const { rows } = await database.query<RowsWithoutId>(
    `SELECT count(*)::int AS rows,
       coalesce((array_agg(message_id::text) FILTER (WHERE message_id IS NOT NULL))[1:5], '{}') AS "messageIds"
     FROM ${database.tables.outbox} WHERE id IS NULL`,
  )
  return rows[0] ?? { rows: 0, messageIds: [] }
}
