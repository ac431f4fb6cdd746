import { isoTime } from '../sql/iso-time.ts'
import type { Sql } from '../sql/sql.ts'

/**
 * The time at which the service handled the newest message that a database knows, if that is before `time`. Undefined
 * if it knows a message from that time or later, or none. Calls are not looked at: to find the newest of them, all
 * would be read, and a restore from too early a time only reads more.
 */
export async function newestBefore(sql: Sql, consumer: string, time: Date): Promise<Date | undefined> {
  const [row] = await sql.query<{ newest: string | null }>(selectNewest, [consumer])
  if (row?.newest == null) return undefined
  const newest = new Date(row.newest)
  return newest < time ? newest : undefined
}

const selectNewest = `SELECT ${isoTime('max(processed_at)')} AS newest FROM inbox WHERE consumer = $1`
