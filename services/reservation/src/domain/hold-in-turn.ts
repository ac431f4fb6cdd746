import type { Holdings } from './hold-policy.ts'
import { type Hold, type HoldRequest, holdSeats, type Seat } from './hold-seats.ts'
import type { Reservation } from './reservation.ts'

/** A seat of a concert as it stands, locked. */
export interface HallSeat extends Seat {
  readonly concertId: string
}

export interface WantedHold {
  readonly request: HoldRequest
  /** What the user had before any of these holds. */
  readonly holdings: Holdings
}

/**
 * Decides on holds one after the other: each finds the seats and its user's holdings as those before it have left them.
 *
 * @param seats - those that exist of all the seats that are wanted, in the order of the map
 */
export function holdInTurn(wanted: readonly WantedHold[], seats: readonly HallSeat[], now: Date): Hold[] {
  const held: Reservation[] = []
  return wanted.map(({ request, holdings }) => {
    const names = new Set(request.seats)
    const found = seats.filter(({ concertId, seat }) => concertId === request.concertId && names.has(seat))
    const own = held.filter(({ userId }) => userId === request.userId)
    const hold = holdSeats(
      request,
      found.map((seat) => afterHolds(seat, held)),
      {
        ...holdings,
        seats: holdings.seats + seatsOf(own, request.concertId),
        openHolds: holdings.openHolds + own.length,
      },
      now,
    )
    if (hold.outcome === 'HELD') held.push(hold.reservation)
    return hold
  })
}

function afterHolds(seat: HallSeat, held: readonly Reservation[]): Seat {
  const holder = held.find(
    ({ concertId, seats }) => concertId === seat.concertId && seats.includes(seat.seat),
  )
  return holder === undefined ? seat : { ...seat, heldUntil: holder.heldUntil }
}

function seatsOf(held: readonly Reservation[], concert: string): number {
  return held
    .filter(({ concertId }) => concertId === concert)
    .reduce((count, { seats }) => count + seats.length, 0)
}
