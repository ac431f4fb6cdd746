import type { Holdings } from './hold-policy.ts'
import { type Hold, type HoldRequest, holdSeats, type Seat } from './hold-seats.ts'
import type { Reservation } from './reservation.ts'

/** A locked seat of a concert. */
export interface HallSeat extends Seat {
  readonly concertId: string
}

export interface WantedHold {
  readonly request: HoldRequest
  /** The user's holdings before any of these holds. */
  readonly holdings: Holdings
}

/**
 * Decides on holds one after the other. Each sees the seats and its user's holdings as the earlier ones have left
 * them.
 *
 * @param seats - the wanted seats that exist, in the order of the map
 */
export function holdInTurn(wanted: readonly WantedHold[], seats: readonly HallSeat[], now: Date): Hold[] {
  /** The seats as the holds so far have left them. */
  const hall: Seat[] = [...seats]
  const placeOf = new Map(seats.map(({ concertId, seat }, place) => [`${concertId}/${seat}`, place]))
  const heldBy = new Map<string, Reservation[]>()
  return wanted.map(({ request, holdings }) => {
    const { userId, concertId } = request
    const places = request.seats.flatMap((seat) => placeOf.get(`${concertId}/${seat}`) ?? [])
    const found = places.sort((left, right) => left - right).map((place) => hall[place] as Seat)
    const hold = holdSeats(request, found, withOwn(holdings, heldBy.get(userId) ?? [], concertId), now)
    if (hold.outcome !== 'HELD') return hold
    const { reservation } = hold
    for (const place of places) hall[place] = { ...(hall[place] as Seat), heldUntil: reservation.heldUntil }
    heldBy.set(userId, [...(heldBy.get(userId) ?? []), reservation])
    return hold
  })
}

/** A user's holdings including these holds. */
function withOwn(holdings: Holdings, own: readonly Reservation[], concert: string): Holdings {
  const seats = own
    .filter(({ concertId }) => concertId === concert)
    .reduce((count, reservation) => count + reservation.seats.length, 0)
  return { ...holdings, seats: holdings.seats + seats, openHolds: holdings.openHolds + own.length }
}
