import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Seat } from '../domain/hold-seats.ts'
import type { Reservation } from '../domain/reservation.ts'

/**
 * Locks the named seats of a concert, and returns those that exist in the order of the map. Everybody locks seats in that
 * order, so that overlapping lists wait for each other and never in a circle.
 */
export async function lockSeats(
  em: EntityManager,
  concertId: string,
  names: readonly string[],
): Promise<Seat[]> {
  const rows = await query<SeatRow>(em, selectSeatsForUpdate, [concertId, names])
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

const selectSeatsForUpdate = `
  SELECT seat, price::text, sold, (extract(epoch FROM held_until) * 1000)::bigint::text AS held_until_ms
  FROM seat
  WHERE concert_id = $1 AND seat = ANY($2::text[])
  ORDER BY position
  FOR UPDATE`

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
