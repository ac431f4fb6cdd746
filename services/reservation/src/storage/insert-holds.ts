import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Reservation } from '../domain/reservation.ts'
import { seatColumns } from './lock-seats.ts'

/** Writes new reservations and gives them their seats, which must be locked and free, in one round trip. */
export async function insertHolds(em: EntityManager, reservations: readonly Reservation[]): Promise<void> {
  if (reservations.length === 0) return
  const rows = reservations.map((reservation) => ({
    reservation_id: reservation.reservationId,
    user_id: reservation.userId,
    concert_id: reservation.concertId,
    seats: reservation.seats,
    total_price: String(reservation.totalPrice),
    state: reservation.state,
    held_until: reservation.heldUntil,
    version: reservation.version,
    created_at: reservation.createdAt,
  }))
  const ends = reservations.flatMap(({ heldUntil, seats }) => seats.map(() => heldUntil))
  const parameters = [JSON.stringify(rows), ...seatColumns(reservations), ends]
  const given = await query(em, insertReservationsWithSeats, parameters)
  if (given.length !== ends.length)
    throw new Error(`new reservations got ${given.length} of their ${ends.length} seats`)
}

/**
 * Checks the decision again: a seat that is not free is never given away. Seats are joined by both columns of their
 * key, as in findTakenSeats.
 */
const insertReservationsWithSeats = `
  WITH inserted AS (
    INSERT INTO reservation
      (reservation_id, user_id, concert_id, seats, total_price, state, held_until, version, created_at)
    SELECT reservation_id, user_id, concert_id, seats, total_price, state, held_until, version, created_at
    FROM jsonb_to_recordset($1) AS hold (
      reservation_id uuid, user_id text, concert_id uuid, seats text[], total_price bigint, state text,
      held_until timestamptz, version integer, created_at timestamptz)
  )
  UPDATE seat SET reservation_id = given.reservation_id, held_until = given.held_until
  FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[])
    AS given (concert_id, seat, reservation_id, held_until)
  WHERE seat.concert_id = given.concert_id AND seat.seat = given.seat
    AND NOT seat.sold AND (seat.held_until IS NULL OR seat.held_until <= clock_timestamp())
  RETURNING seat.seat`
