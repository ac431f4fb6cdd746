/** The data of a reservation, and its status. Every time in it is the database's. */

/** Seats that one user holds or has bought. */
export interface Reservation {
  readonly reservationId: string
  readonly userId: string
  readonly concertId: string
  /** The seats' names, in the order of the map. */
  readonly seats: readonly string[]
  /** Points. */
  readonly totalPrice: bigint
  readonly state: ReservationState
  /** The hold ends at this time. */
  readonly heldUntil: Date
  /** The payment that bought the seats; null if none did. */
  readonly paymentId: string | null
  /** The number of the latest change, from 1. */
  readonly version: number
  readonly createdAt: Date
}

/** A reservation and the database's clock, by which its hold lapses. */
export interface ReservationNow {
  readonly reservation: Reservation
  readonly now: Date
}

/** The stored state. EXPIRED is not stored: it follows from the clock. */
export type ReservationState = 'HELD' | 'SOLD' | 'RELEASED'

/** The status that the user sees. */
export type ReservationStatus = ReservationState | 'EXPIRED'

/** The status of a reservation at a moment. */
export function statusAt(reservation: Reservation, now: Date): ReservationStatus {
  return reservation.state === 'HELD' && reservation.heldUntil <= now ? 'EXPIRED' : reservation.state
}
