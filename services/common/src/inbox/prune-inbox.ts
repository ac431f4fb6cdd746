import type { Database } from '../postgres/database.ts'
import { query } from '../postgres/query.ts'

/** Ids that one statement takes on: what it locks, and what is lost when it is cut short, stays small. */
const batchMax = 5_000

/**
 * Forgets a batch of the oldest ids that have been in a consumer's inbox for longer than `retentionMs`. What was put aside
 * is never forgotten, whatever has become of it: its record may be read again as long as the dead letter is there.
 *
 * @returns how many it has forgotten, and whether there may be more
 */
export async function pruneInbox(
  database: Pick<Database, 'transaction'>,
  consumer: string,
  retentionMs: number,
  limit = batchMax,
): Promise<{ readonly pruned: number; readonly more: boolean }> {
  const rows = await database.transaction((em) => query(em, deleteOldest, [consumer, retentionMs, limit]))
  return { pruned: rows.length, more: rows.length === limit }
}

/** Replicas prune at the same time: what one has locked, the others pass over. */
const deleteOldest = `
  DELETE FROM inbox
  WHERE consumer = $1 AND message_id IN (
    SELECT message_id FROM inbox AS old
    WHERE consumer = $1
      AND processed_at < clock_timestamp() - $2::float8 * interval '1 ms'
      AND NOT EXISTS (
        SELECT FROM dead_letter
        WHERE dead_letter.consumer = old.consumer AND dead_letter.message_id = old.message_id
      )
    ORDER BY processed_at
    LIMIT $3
    FOR UPDATE SKIP LOCKED
  )
  RETURNING message_id`
