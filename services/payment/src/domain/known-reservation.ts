/** A reservation as reservation-events published it last. */
export interface KnownReservation {
  readonly reservationId: string
  readonly userId: string
  /** Points. */
  readonly totalPrice: bigint
  /** HELD does not say whether the hold has lapsed: that follows from the clock. */
  readonly state: 'HELD' | 'SOLD' | 'RELEASED'
  /** The hold ends at this time. */
  readonly heldUntil: Date
  /** The number of the latest change, from 1. */
  readonly version: number
}

/** The latest version of each reservation: the versions in a batch may come in any order. */
export function latestOfEach(reservations: readonly KnownReservation[]): KnownReservation[] {
  const latest = new Map<string, KnownReservation>()
  for (const reservation of reservations) {
    const before = latest.get(reservation.reservationId)
    if (before === undefined || before.version < reservation.version)
      latest.set(reservation.reservationId, reservation)
  }
  return [...latest.values()]
}
