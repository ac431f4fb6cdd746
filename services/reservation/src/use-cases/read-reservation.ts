import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { ReservationNow } from '../domain/reservation.ts'
import { findOwnReservation } from '../storage/find-reservations.ts'
import { readClock } from '../storage/read-clock.ts'

/** Reads a user's reservation; undefined if there is none, or it is another user's. */
export async function readReservation(
  database: Pick<Database, 'em'>,
  wanted: { readonly reservationId: string; readonly userId: string },
): Promise<ReservationNow | undefined> {
  const em = database.em()
  const reservation = await findOwnReservation(em, wanted)
  return reservation === null ? undefined : { reservation, now: await readClock(em) }
}
