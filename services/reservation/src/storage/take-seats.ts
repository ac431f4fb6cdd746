import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Reservation } from '../domain/reservation.ts'

/** Gives a reservation its seats, which must be locked and free. */
export async function takeSeats(em: EntityManager, reservation: Reservation): Promise<void> {
  const { reservationId, concertId, seats, heldUntil } = reservation
  const taken = await query(em, updateSeats, [concertId, seats, reservationId, heldUntil.toISOString()])
  if (taken.length !== seats.length) {
    throw new Error(`reservation ${reservationId} got ${taken.length} of its ${seats.length} seats`)
  }
}

/** Checks again what was decided on: a seat that is not free is never given away. */
const updateSeats = `
  UPDATE seat SET reservation_id = $3, held_until = $4
  WHERE concert_id = $1 AND seat = ANY($2::text[])
    AND NOT sold AND (held_until IS NULL OR held_until <= clock_timestamp())
  RETURNING seat`
