import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'

/** The number of sold and held seats of each concert, by the database's clock; only of concerts that have any. */
export async function countTakenSeats(
  em: EntityManager,
  concertIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await query<{ concert_id: string; taken: number }>(em, selectTakenCounts, [concertIds])
  return new Map(rows.map((row) => [row.concert_id, row.taken]))
}

/** Counts in the partial index seat_taken alone: seats that were never held cost nothing, however big the hall. */
const selectTakenCounts = `
  SELECT concert_id, count(*)::integer AS taken
  FROM seat
  WHERE concert_id = ANY($1::uuid[]) AND reservation_id IS NOT NULL
    AND (sold OR held_until > statement_timestamp())
  GROUP BY concert_id`
