import type { Holdings } from '../domain/hold-policy.ts'
import { statusAt } from '../domain/reservation.ts'
import type { WantedSeats } from '../storage/wanted-seats.ts'
import type { ReservationTables } from './memory-tables.ts'

/** What a user has of a concert and of its wanted seats. */
export function holdingsOf(
  { reservations }: Pick<ReservationTables, 'reservations'>,
  { userId, concertId, seats }: WantedSeats,
  pauseMs: number,
  now: Date,
): Holdings {
  const own = [...reservations.values()].filter((one) => one.userId === userId)
  const open = own.filter((one) => statusAt(one, now) === 'HELD')
  const counted = [...own.filter(({ state }) => state === 'SOLD'), ...open]
  const ends = own.filter(
    (one) =>
      one.concertId === concertId &&
      ['EXPIRED', 'RELEASED'].includes(statusAt(one, now)) &&
      one.heldUntil.getTime() > now.getTime() - pauseMs &&
      one.seats.some((seat) => seats.includes(seat)),
  )
  return {
    seats: counted
      .filter((one) => one.concertId === concertId)
      .reduce((count, one) => count + one.seats.length, 0),
    openHolds: open.length,
    lastEnd:
      ends.length === 0 ? null : new Date(Math.max(...ends.map(({ heldUntil }) => heldUntil.getTime()))),
  }
}
