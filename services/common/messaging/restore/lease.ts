import type { Sql } from '../sql/sql.ts'

/** Whose turn it is: one process at a time works on a restore. */
export interface Lease {
  readonly restoreId: string
  /** Drawn by the process that works on it. */
  readonly runner: string
}

/** Somebody else has taken the restore over: what was done on its behalf must be rolled back. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError'
  readonly code = 'RESTORE_SUPERSEDED'
}

/** After this long without a word from whoever works on a restore, somebody else may. */
const silenceMsMax = 10_000

/** Takes a restore on, if nobody works on it. */
export async function takeLease(sql: Sql, { restoreId, runner }: Lease): Promise<boolean> {
  const rows = await sql.query(takeOver, [restoreId, runner, silenceMsMax])
  return rows.length > 0
}

/** Says that the runner is there, and locks the restore until the transaction ends. @throws SupersededError */
export async function renewLease(sql: Sql, { restoreId, runner }: Lease): Promise<void> {
  const rows = await sql.query(renew, [restoreId, runner])
  if (rows.length === 0) throw new SupersededError(`somebody else works on restore ${restoreId}`)
}

/** Lets somebody else try at once, and says why this runner could not go on; empty if it only stops. */
export async function endLease(sql: Sql, { restoreId, runner }: Lease, error: string): Promise<void> {
  await sql.query(giveUp, [restoreId, runner, error])
}

const takeOver = `
  UPDATE restore SET runner = $2, heard_at = clock_timestamp(), error = ''
  WHERE restore_id = $1 AND phase <> 'DONE'
    AND (runner IS NULL OR heard_at < clock_timestamp() - $3 * interval '1 ms')
  RETURNING restore_id`

const renew = `
  UPDATE restore SET heard_at = clock_timestamp() WHERE restore_id = $1 AND runner = $2 RETURNING restore_id`

const giveUp = `UPDATE restore SET runner = NULL, error = $3 WHERE restore_id = $1 AND runner = $2`
