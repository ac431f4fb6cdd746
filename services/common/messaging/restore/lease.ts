import type { Sql } from '../sql/sql.ts'

/** The right to work on a restore, which one process at a time has. */
export interface Lease {
  readonly restoreId: string
  /** An id that the process has drawn. */
  readonly runner: string
}

/** Another process has taken the restore over: this one must roll back what it is doing for it. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError'
  readonly code = 'RESTORE_SUPERSEDED'
}

/** Another process takes a restore over when its runner has not renewed the lease for so long. */
const silenceMsMax = 10_000

/** Takes the lease if no process has it; returns whether it did. */
export async function takeLease(sql: Sql, { restoreId, runner }: Lease): Promise<boolean> {
  const rows = await sql.query(takeOver, [restoreId, runner, silenceMsMax])
  return rows.length > 0
}

/** Reports that the runner is alive, and locks the restore until the transaction ends. @throws SupersededError */
export async function renewLease(sql: Sql, { restoreId, runner }: Lease): Promise<void> {
  const rows = await sql.query(renew, [restoreId, runner])
  if (rows.length === 0) throw new SupersededError(`another process works on restore ${restoreId}`)
}

/**
 * Gives the lease back, so that another process can try at once.
 *
 * @param error - why this one failed; empty if it only stops
 */
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
