import type { EntityManager } from '@mikro-orm/postgresql'
import type { Reservation } from '../domain/reservation.ts'
import { ReservationEntity } from './entities.ts'

/** A user's reservation; null if there is none, or it is another user's. */
export function findOwnReservation(
  em: EntityManager,
  wanted: { readonly reservationId: string; readonly userId: string },
): Promise<Reservation | null> {
  const { reservationId, userId } = wanted
  return em.findOne(ReservationEntity, { reservationId, userId })
}

/** Reservations by their ids. */
export async function findReservations(
  em: EntityManager,
  reservationIds: readonly string[],
): Promise<Map<string, Reservation>> {
  if (reservationIds.length === 0) return new Map()
  const rows = await em.find(ReservationEntity, { reservationId: { $in: [...reservationIds] } })
  return new Map(rows.map((row) => [row.reservationId, row]))
}
