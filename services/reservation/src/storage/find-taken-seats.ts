import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { holdMethod } from './hold-method.ts'
import type { WantedSeats } from './wanted-seats.ts'

/**
 * Which of the wanted seats are sold or held now, in the order of `wanted` and of the map; empty where none is. It locks nothing,
 * so a crowd that wants one seat does not wait for its buyer.
 *
 * A request that is remembered is answered with what it made, so nothing is in its way; nor is anything in the way of one that
 * names a seat that does not exist, which is the first thing to say of it.
 */
export async function findTakenSeats(
  em: EntityManager,
  wanted: readonly WantedSeats[],
): Promise<(readonly string[])[]> {
  const named = wanted.flatMap((one, nth) => one.seats.map((seat) => ({ ...one, nth, seat })))
  const rows = await query<{ nth: number; taken: string[] }>(em, selectTaken, [
    named.map(({ nth }) => nth),
    named.map(({ userId }) => userId),
    named.map(({ requestId }) => requestId),
    named.map(({ concertId }) => concertId),
    named.map(({ seat }) => seat),
  ])
  const taken = new Map(rows.map((row) => [row.nth, row.taken]))
  return wanted.map((_, nth) => taken.get(nth) ?? [])
}

/**
 * A row for each seat, so that both columns of the key are compared for equality. With `= ANY` of a call's seats the planner
 * joined by the concert alone wherever it had no statistics yet: all calls with all seats of the hall.
 */
const selectTaken = `
  SELECT nth, array_agg(seat.seat ORDER BY seat.position) FILTER (WHERE is_taken) AS taken
  FROM unnest($1::integer[], $2::text[], $3::uuid[], $4::uuid[], $5::text[])
      AS wanted (nth, user_id, request_id, concert_id, seat)
    LEFT JOIN seat ON seat.concert_id = wanted.concert_id AND seat.seat = wanted.seat
    CROSS JOIN LATERAL (SELECT sold OR coalesce(held_until > clock_timestamp(), false) AS is_taken) AS state
  WHERE NOT EXISTS (
    SELECT FROM request
    WHERE subject = wanted.user_id AND method = '${holdMethod}' AND request.request_id = wanted.request_id)
  GROUP BY nth
  HAVING bool_or(is_taken) AND bool_and(seat.seat IS NOT NULL)`
