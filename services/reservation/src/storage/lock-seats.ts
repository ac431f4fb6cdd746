import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { HallSeat } from '../domain/hold-in-turn.ts'
import type { Reservation } from '../domain/reservation.ts'
import type { WantedSeats } from './wanted-seats.ts'

/**
 * Locks the users' holdings and then the named seats, and returns the seats that exist in the order of the map.
 * Holdings are locked first, so that the calls of one user add up, whatever their seats. Every transaction locks
 * holdings in the order of their hashes and seats in the order of the map, and none locks holdings after seats, so
 * none can deadlock.
 */
export async function lockSeats(em: EntityManager, wanted: readonly WantedSeats[]): Promise<HallSeat[]> {
  const named = wanted.flatMap(({ concertId, seats }) => seats.map((seat) => ({ concertId, seat })))
  const rows = await query<SeatRow>(em, lockHoldingsAndSeats, [
    named.map(({ concertId }) => concertId),
    named.map(({ seat }) => seat),
    wanted.map(({ userId }) => userId),
  ])
  return rows.map((row) => ({
    concertId: row.concert_id,
    seat: row.seat,
    price: BigInt(row.price),
    sold: row.sold,
    heldUntil: row.held_until_ms === null ? null : new Date(Number(row.held_until_ms)),
  }))
}

interface SeatRow {
  readonly concert_id: string
  readonly seat: string
  readonly price: string
  readonly sold: boolean
  readonly held_until_ms: string | null
}

/**
 * One round trip takes both locks. A seat's row is locked after the join, and the join needs the result of the
 * holders' locks. Users whose names have the same hash wait for each other, which is harmless.
 */
const lockHoldingsAndSeats = `
  WITH holder AS MATERIALIZED (
    SELECT count(locked) AS locks
    FROM (
      SELECT pg_advisory_xact_lock(hash)::text AS locked
      FROM (SELECT DISTINCT hashtextextended(user_id, 0) AS hash FROM unnest($3::text[]) AS holder (user_id) ORDER BY hash) AS hashes
    ) AS locking
  )
  SELECT concert_id, seat, price::text, sold,
         (extract(epoch FROM held_until) * 1000)::bigint::text AS held_until_ms
  FROM holder
    CROSS JOIN (SELECT DISTINCT * FROM unnest($1::uuid[], $2::text[]) AS named (concert_id, seat)) AS wanted
    JOIN seat USING (concert_id, seat)
  WHERE locks > 0
  ORDER BY concert_id, position
  FOR UPDATE OF seat`

/**
 * Locks the seats of reservations, whose rows must be locked already.
 *
 * @returns the ids of the reservations that still own all of their seats
 */
export async function lockOwnSeats(
  em: EntityManager,
  reservations: readonly Reservation[],
): Promise<Set<string>> {
  if (reservations.length === 0) return new Set()
  const rows = await query<{ reservation_id: string }>(em, selectOwnSeatsForUpdate, seatColumns(reservations))
  const owned = Map.groupBy(rows, (row) => row.reservation_id)
  const whole = reservations.filter(
    ({ reservationId, seats }) => owned.get(reservationId)?.length === seats.length,
  )
  return new Set(whole.map(({ reservationId }) => reservationId))
}

const selectOwnSeatsForUpdate = `
  SELECT seat.reservation_id
  FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS own (concert_id, seat, reservation_id)
  JOIN seat ON seat.concert_id = own.concert_id AND seat.seat = own.seat
  WHERE seat.reservation_id = own.reservation_id
  ORDER BY seat.concert_id, seat.position
  FOR UPDATE OF seat`

/** The seats of reservations as columns: concerts, seats, reservations. */
export function seatColumns(reservations: readonly Reservation[]): [string[], string[], string[]] {
  const rows = reservations.flatMap(({ concertId, reservationId, seats }) =>
    seats.map((seat) => ({ concertId, seat, reservationId })),
  )
  return [rows.map((row) => row.concertId), rows.map((row) => row.seat), rows.map((row) => row.reservationId)]
}
