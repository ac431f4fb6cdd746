import type { SqlDatabase } from '../../sql/sql.ts'

/** Ids that one statement takes on: what it locks, and what is lost when it is cut short, stays small. `forget_inbox` takes no more. */
const batchMax = 5_000

/**
 * Forgets a batch of the oldest ids that have been in a consumer's inbox for longer than `retentionMs`, a day at least. What was
 * put aside is never forgotten, whatever has become of it: its record may be read again as long as the dead letter is there.
 * The service may not delete from its inbox: a function of the owner does.
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
