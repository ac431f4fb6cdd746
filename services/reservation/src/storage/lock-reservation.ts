import { type EntityManager, LockMode } from '@mikro-orm/postgresql'
import type { Reservation } from '../domain/reservation.ts'
import { ReservationEntity } from './entities.ts'

/** Loads a reservation of its holder and locks it until the transaction ends; null if there is none. */
export async function lockReservation(
  em: EntityManager,
  of: { readonly reservationId: string; readonly userId: string },
): Promise<Reservation | null> {
  const { reservationId, userId } = of
  return await em.findOne(
    ReservationEntity,
    { reservationId, userId },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  )
}
