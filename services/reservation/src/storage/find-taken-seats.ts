import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { holdMethod } from './hold-method.ts'
import type { WantedSeats } from './wanted-seats.ts'

/**
 * Finds the wanted seats that are sold or held now, in the order of `wanted` and of the map; empty if none is. It
 * locks nothing, so callers who want a taken seat do not wait for its buyer.
 *
 * The result is also empty for a request that is remembered, because its answer is its reservation, and for one that
 * names a seat that does not exist, because that is reported first.
 */
export async function findTakenSeats(
  em: EntityManager,
  wanted: readonly WantedSeats[],
): Promise<(readonly string[])[]> {
  const named = wanted.flatMap((call, nth) => call.seats.map((seat) => ({ ...call, nth, seat })))
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
 * One row for each seat, so that both columns of the key are compared for equality. With `= ANY` of a call's seats and
 * no statistics yet, the planner joined by the concert alone: all calls with all seats of the hall.
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
