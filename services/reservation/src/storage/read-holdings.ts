import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Holdings } from '../domain/hold-policy.ts'
import { holdMethod } from './hold-method.ts'
import { clockMs } from './read-clock.ts'
import { type WantedSeats, wantedJson, wantedRows } from './wanted-seats.ts'

/** The data that one hold is decided on. */
export interface ReadHoldings {
  readonly holdings: Holdings
  /** The limit of the concert; undefined if the concert does not exist. */
  readonly seatsPerUserMax: number | undefined
  /** The fingerprint that the request was remembered with; undefined if it was not. */
  readonly fingerprint: Uint8Array | undefined
}

/**
 * Reads the users' holdings and remembered requests, in the order of `wanted`. Call it after lockSeats, so that it
 * counts the holds that lockSeats has waited for.
 *
 * @returns also the time that readClock reads, in the same round trip
 */
export async function readHoldings(
  em: EntityManager,
  wanted: readonly WantedSeats[],
  pauseMs: number,
): Promise<{ readonly now: Date; readonly found: readonly ReadHoldings[] }> {
  const rows = await query<Row>(em, selectHoldings, [wantedJson(wanted), pauseMs])
  const [first] = rows
  if (first === undefined) throw new Error('the database returned no time')
  const found = rows.map((row) => ({
    holdings: {
      seats: row.bought + row.held,
      openHolds: row.open,
      lastEnd: row.last_end_ms === null ? null : new Date(row.last_end_ms),
    },
    seatsPerUserMax: row.seats_per_user_max ?? undefined,
    fingerprint: row.fingerprint ?? undefined,
  }))
  return { now: new Date(Number(first.now_ms)), found }
}

interface Row {
  readonly now_ms: string
  readonly seats_per_user_max: number | null
  readonly fingerprint: Uint8Array | null
  readonly bought: number
  readonly held: number
  readonly open: number
  readonly last_end_ms: number | null
}

/**
 * Reads sales by the index of a user's sales, and holds by the index of a user's holds, from their end back to the
 * pause. Older holds cost nothing, however many they are.
 */
const selectHoldings = `
  WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now, ${clockMs} AS now_ms)
  SELECT now_ms, concert.seats_per_user_max, request.fingerprint, sales.bought, recent.*
  FROM clock
    CROSS JOIN ${wantedRows}
    LEFT JOIN concert ON concert.concert_id = wanted.concert_id
    LEFT JOIN request
      ON request.subject = wanted.user_id AND request.method = '${holdMethod}' AND request.request_id = wanted.request_id
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(cardinality(seats)), 0)::integer AS bought
      FROM reservation
      WHERE user_id = wanted.user_id AND concert_id = wanted.concert_id AND state = 'SOLD'
    ) AS sales
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(cardinality(seats)) FILTER (WHERE is_open AND concert_id = wanted.concert_id), 0)::integer AS held,
        (count(*) FILTER (WHERE is_open))::integer AS open,
        (extract(epoch FROM max(held_until) FILTER (
           WHERE NOT is_open AND concert_id = wanted.concert_id AND seats && wanted.seats)) * 1000)::float8 AS last_end_ms
      FROM (
        SELECT concert_id, seats, held_until, state = 'HELD' AND held_until > now AS is_open
        FROM reservation
        WHERE user_id = wanted.user_id AND held_until > now - $2 * interval '1 ms' AND state <> 'SOLD'
      ) AS holds
    ) AS recent
  ORDER BY nth`
