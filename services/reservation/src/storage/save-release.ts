import type { EntityManager } from '@mikro-orm/postgresql'
import type { Reservation } from '../domain/reservation.ts'
import { ReservationEntity } from './entities.ts'
import { freeSeats } from './free-seats.ts'

/** Writes that a reservation was given back, and frees its seats. Both must be locked. */
export async function saveRelease(em: EntityManager, released: Reservation): Promise<void> {
  const { reservationId, state, heldUntil, version } = released
  em.assign(em.getReference(ReservationEntity, reservationId), { state, heldUntil, version })
  await em.flush()
  await freeSeats(em, released)
}
