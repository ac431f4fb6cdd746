import type { Sql } from '../sql/sql.ts'
import { type DeadLetterFilter, filterParameters, matchesFilter } from './dead-letter-filter.ts'
import { type DeadLetterRow, deadLetterColumns } from './dead-letter-rows.ts'

/**
 * Dead letters in the order in which they were put aside, at most `limit`, all of them behind the position `after`.
 */
export async function listDeadLetters(
  sql: Sql,
  filter: DeadLetterFilter,
  after: bigint,
  limit: number,
): Promise<DeadLetterRow[]> {
  return await sql.query(selectPage, [...filterParameters(filter), String(after), limit])
}

export async function countDeadLetters(sql: Sql, filter: DeadLetterFilter): Promise<number> {
  const [row] = await sql.query<{ count: number }>(countMatches, filterParameters(filter))
  return row?.count ?? 0
}

const countMatches = `SELECT count(*)::int AS count FROM dead_letter WHERE ${matchesFilter}`

const selectPage = `
  SELECT ${deadLetterColumns} FROM dead_letter
  WHERE ${matchesFilter} AND position > $7::bigint
  ORDER BY dead_letter.position LIMIT $8`
