import { type EntityManager, LockMode } from '@mikro-orm/postgresql'
import type { ReservationNow } from '../domain/reservation.ts'
import { ReservationEntity } from './entities.ts'
import { lockOwnSeats } from './lock-seats.ts'
import { readClock } from './read-clock.ts'

/** Loads a user's reservation and locks it and its seats until the transaction ends; undefined if there is none. */
export async function lockOwnReservation(
  em: EntityManager,
  { reservationId, userId }: { readonly reservationId: string; readonly userId: string },
): Promise<ReservationNow | undefined> {
  const reservation = await em.findOne(
    ReservationEntity,
    { reservationId, userId },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  )
  if (reservation === null) return undefined
  await lockOwnSeats(em, [reservation])
  return { reservation, now: await readClock(em) }
}
