import type { SqlDatabase } from '../../sql/sql.ts'

/**
 * The most ids of one statement, so that it locks little and loses little when cut short. `forget_inbox` takes no more.
 */
const batchMax = 5_000

/**
 * Forgets a batch of the oldest ids that have been in a consumer's inbox for longer than `retentionMs`, and for at
 * least a day. An id that was put aside is never forgotten, even once it is settled: its record may be read again as
 * long as the dead letter is there. The service may not delete from its inbox; a function of the owner does it.
 *
 * @returns how many it has forgotten, and whether there may be more
 */
export async function pruneInbox(
  database: SqlDatabase,
  consumer: string,
  retentionMs: number,
  limit = batchMax,
): Promise<{ readonly pruned: number; readonly more: boolean }> {
  const [row] = await database.transaction((sql) =>
    sql.query<{ forgotten: number }>(forgetOldest, [consumer, retentionMs, limit]),
  )
  const pruned = row?.forgotten ?? 0
  return { pruned, more: pruned === limit }
}

const forgetOldest = 'SELECT forget_inbox($1, $2, $3) AS forgotten'
