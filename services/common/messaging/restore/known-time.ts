import { isoTime } from '../sql/iso-time.ts'
import type { Sql } from '../sql/sql.ts'

/**
 * When its service handled the newest message that a database knows of, if that was before `time`; undefined if it knows of one
 * from then or later, or of none. Calls are not looked at: nothing finds the newest of them without reading them all, and a
 * restore from too early a time only reads more.
 */
export async function newestBefore(sql: Sql, consumer: string, time: Date): Promise<Date | undefined> {
  const [row] = await sql.query<{ newest: string | null }>(selectNewest, [consumer])
  if (row?.newest == null) return undefined
  const newest = new Date(row.newest)
  return newest < time ? newest : undefined
}

const selectNewest = `SELECT ${isoTime('max(processed_at)')} AS newest FROM inbox WHERE consumer = $1`
