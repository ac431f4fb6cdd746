import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Seat } from '../domain/hold-seats.ts'
import type { Reservation } from '../domain/reservation.ts'

/**
 * Locks a user's holdings and then the named seats of a concert, and returns those that exist in the order of the map. The
 * holdings come first: so two calls of one user add up, whatever their seats. Every transaction locks seats in the order of
 * the map, and none locks holdings after seats, so that they wait for each other and never in a circle.
 */
export async function lockSeats(
  em: EntityManager,
  wanted: { readonly userId: string; readonly concertId: string; readonly seats: readonly string[] },
): Promise<Seat[]> {
  const rows = await query<SeatRow>(em, lockHoldingsAndSeats, [wanted.concertId, wanted.seats, wanted.userId])
  return rows.map((row) => ({
    seat: row.seat,
    price: BigInt(row.price),
    sold: row.sold,
    heldUntil: row.held_until_ms === null ? null : new Date(Number(row.held_until_ms)),
  }))
}

interface SeatRow {
  readonly seat: string
  readonly price: string
  readonly sold: boolean
  readonly held_until_ms: string | null
}

/**
 * One round trip for both locks: a row of a seat is locked once it has been joined, and only the holder's lock gives it
 * something to be joined with. Users whose names hash alike wait for each other, which harms none.
 */
const lockHoldingsAndSeats = `
  SELECT seat, price::text, sold, (extract(epoch FROM held_until) * 1000)::bigint::text AS held_until_ms
  FROM (SELECT pg_advisory_xact_lock(hashtextextended($3, 0))::text AS locked) AS holder CROSS JOIN seat
  WHERE concert_id = $1 AND seat = ANY($2::text[])
  ORDER BY position
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

/** The seats of reservations as columns: concert, seat, reservation. */
export function seatColumns(reservations: readonly Reservation[]): [string[], string[], string[]] {
  const rows = reservations.flatMap(({ concertId, reservationId, seats }) =>
    seats.map((seat) => ({ concertId, seat, reservationId })),
  )
  return [rows.map((row) => row.concertId), rows.map((row) => row.seat), rows.map((row) => row.reservationId)]
}
