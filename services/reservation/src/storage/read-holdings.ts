import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Holdings } from '../domain/hold-policy.ts'
import { clockMs } from './read-clock.ts'

export interface ReadHoldings {
  readonly holdings: Holdings
  /** Of the concert; undefined if there is none. */
  readonly seatsPerUserMax: number | undefined
  /** What readClock reads, in the same round trip. */
  readonly now: Date
}

/** What a user has of a concert and of its wanted seats. Read it after lockSeats: what it waited for is counted then. */
export async function readHoldings(
  em: EntityManager,
  wanted: {
    readonly userId: string
    readonly concertId: string
    readonly seats: readonly string[]
    readonly pauseMs: number
  },
): Promise<ReadHoldings> {
  const { userId, concertId, seats, pauseMs } = wanted
  const [row] = await query<Row>(em, selectHoldings, [userId, concertId, seats, pauseMs])
  if (row === undefined) throw new Error('the database did not tell the time')
  return {
    holdings: {
      seats: row.bought + row.held,
      openHolds: row.open,
      lastEnd: row.last_end_ms === null ? null : new Date(row.last_end_ms),
    },
    seatsPerUserMax: row.seats_per_user_max ?? undefined,
    now: new Date(Number(row.now_ms)),
  }
}

interface Row {
  readonly now_ms: string
  readonly seats_per_user_max: number | null
  readonly bought: number
  readonly held: number
  readonly open: number
  readonly last_end_ms: number | null
}

/**
 * Sales by the index of a user's sales, holds by that of a user's holds from their end back to the pause: what a user has
 * held before costs nothing, however much it was.
 */
const selectHoldings = `
  WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now, ${clockMs} AS now_ms)
  SELECT now_ms,
    (SELECT seats_per_user_max FROM concert WHERE concert_id = $2) AS seats_per_user_max,
    (SELECT coalesce(sum(cardinality(seats)), 0)::integer
     FROM reservation WHERE user_id = $1 AND concert_id = $2 AND state = 'SOLD') AS bought,
    recent.*
  FROM clock CROSS JOIN LATERAL (
    SELECT coalesce(sum(cardinality(seats)) FILTER (WHERE is_open AND concert_id = $2), 0)::integer AS held,
      (count(*) FILTER (WHERE is_open))::integer AS open,
      (extract(epoch FROM max(held_until) FILTER (WHERE NOT is_open AND concert_id = $2 AND seats && $3::text[]))
       * 1000)::float8 AS last_end_ms
    FROM (
      SELECT concert_id, seats, held_until, state = 'HELD' AND held_until > now AS is_open
      FROM reservation
      WHERE user_id = $1 AND held_until > now - $4 * interval '1 ms' AND state <> 'SOLD'
    ) AS holds
  ) AS recent`
