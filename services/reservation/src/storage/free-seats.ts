import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Reservation } from '../domain/reservation.ts'

/** Frees a reservation's seats, which must be locked. Seats that have passed to another reservation stay with it. */
export async function freeSeats(em: EntityManager, reservation: Reservation): Promise<void> {
  await query(em, clearSeats, [reservation.concertId, reservation.seats, reservation.reservationId])
}

const clearSeats = `
  UPDATE seat SET reservation_id = NULL, held_until = NULL
  WHERE concert_id = $1 AND seat = ANY($2::text[]) AND reservation_id = $3 AND NOT sold`
