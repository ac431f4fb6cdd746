import type { Holdings } from '../domain/hold-policy.ts'
import { statusAt } from '../domain/reservation.ts'
import type { WantedSeats } from '../storage/wanted-seats.ts'
import type { ReservationTables } from './memory-tables.ts'

/** A user's holdings in a concert, including the wanted seats. */
export function holdingsOf(
  { reservations }: Pick<ReservationTables, 'reservations'>,
  { userId, concertId, seats }: WantedSeats,
  pauseMs: number,
  now: Date,
): Holdings {
  const own = [...reservations.values()].filter((reservation) => reservation.userId === userId)
  const open = own.filter((reservation) => statusAt(reservation, now) === 'HELD')
  const counted = [...own.filter(({ state }) => state === 'SOLD'), ...open]
  const ends = own.filter(
    (reservation) =>
      reservation.concertId === concertId &&
      ['EXPIRED', 'RELEASED'].includes(statusAt(reservation, now)) &&
      reservation.heldUntil.getTime() > now.getTime() - pauseMs &&
      reservation.seats.some((seat) => seats.includes(seat)),
  )
  return {
    seats: counted
      .filter((reservation) => reservation.concertId === concertId)
      .reduce((count, { seats }) => count + seats.length, 0),
    openHolds: open.length,
    lastEnd:
      ends.length === 0 ? null : new Date(Math.max(...ends.map(({ heldUntil }) => heldUntil.getTime()))),
  }
}
