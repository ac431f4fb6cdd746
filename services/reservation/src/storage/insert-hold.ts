import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Reservation } from '../domain/reservation.ts'

/** Writes a new reservation and gives it its seats, which must be locked and free, in one round trip. */
export async function insertHold(em: EntityManager, reservation: Reservation): Promise<void> {
  const { reservationId, seats } = reservation
  const taken = await query(em, insertReservationWithSeats, [
    reservationId,
    reservation.userId,
    reservation.concertId,
    seats,
    reservation.totalPrice,
    reservation.state,
    reservation.heldUntil.toISOString(),
    reservation.version,
    reservation.createdAt.toISOString(),
  ])
  if (taken.length !== seats.length) {
    throw new Error(`reservation ${reservationId} got ${taken.length} of its ${seats.length} seats`)
  }
}

/** Checks again what was decided on: a seat that is not free is never given away. */
const insertReservationWithSeats = `
  WITH inserted AS (
    INSERT INTO reservation
      (reservation_id, user_id, concert_id, seats, total_price, state, held_until, version, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  )
  UPDATE seat SET reservation_id = $1, held_until = $7
  WHERE concert_id = $3 AND seat = ANY($4::text[])
    AND NOT sold AND (held_until IS NULL OR held_until <= clock_timestamp())
  RETURNING seat`
