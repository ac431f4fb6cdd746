import { isoTime } from '../sql/iso-time.ts'
import type { Sql } from '../sql/sql.ts'

/** A call to redrive, as it is stored. */
export interface StoredRedrive {
  readonly subject: string
  readonly createdAt: Date
  /** The summary that ended it, as a {@link ReceiptCodec} encoded it. */
  readonly receipt: Uint8Array | undefined
}

/**
 * Stores a redrive; waits for a call with the same id that is doing so.
 *
 * @returns false if the id is stored already
 */
export async function insertRedrive(sql: Sql, redriveId: string, subject: string): Promise<boolean> {
  return (await sql.query(insertRow, [redriveId, subject])).length > 0
}

export async function readRedrive(sql: Sql, redriveId: string): Promise<StoredRedrive> {
  const [row] = await sql.query<{ subject: string; created_at: string; receipt: Uint8Array | null }>(
    selectRow,
    [redriveId],
  )
  if (row === undefined) throw new Error(`redrive ${redriveId} was there and is gone`)
  return { subject: row.subject, createdAt: new Date(row.created_at), receipt: row.receipt ?? undefined }
}

/** Ends a redrive with its receipt. The first receipt stays if the same call was answered twice at once. */
export async function endRedrive(sql: Sql, redriveId: string, receipt: Uint8Array): Promise<void> {
  await sql.query(endRow, [redriveId, receipt])
}

/** How many messages a redrive has handled. */
export async function countRedriven(sql: Sql, redriveId: string): Promise<number> {
  const [row] = await sql.query<{ count: number }>(countEvents, [redriveId])
  return row?.count ?? 0
}

const insertRow = `
  INSERT INTO redrive (redrive_id, subject) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING redrive_id`

const selectRow = `SELECT subject, ${isoTime('created_at')} AS created_at, receipt FROM redrive WHERE redrive_id = $1`

const endRow = `UPDATE redrive SET receipt = $2 WHERE redrive_id = $1 AND receipt IS NULL`

const countEvents = `
  SELECT count(*)::int AS count FROM dead_letter_event WHERE redrive_id = $1 AND action = 'REDRIVEN'`
