/** A reservation as reservation-events told of it last. */
export interface KnownReservation {
  readonly reservationId: string
  readonly userId: string
  /** Points. */
  readonly totalPrice: bigint
  /** That a hold has lapsed follows from the clock. */
  readonly state: 'HELD' | 'SOLD' | 'RELEASED'
  /** The hold is over from this moment on. */
  readonly heldUntil: Date
  /** Counts its changes, from 1. */
  readonly version: number
}

/** Of each reservation the latest, as two of a batch may come in any order. */
export function latestOfEach(reservations: readonly KnownReservation[]): KnownReservation[] {
  const latest = new Map<string, KnownReservation>()
  for (const reservation of reservations) {
    const before = latest.get(reservation.reservationId)
    if (before === undefined || before.version < reservation.version)
      latest.set(reservation.reservationId, reservation)
  }
  return [...latest.values()]
}
