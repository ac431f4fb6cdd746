/** The rules of a reservation: pure functions over plain data. Every time in it is the database's. */

/** Seats that one user holds or bought. */
export interface Reservation {
  readonly reservationId: string
  readonly userId: string
  readonly concertId: string
  /** The seats' names, in the order of the map. */
  readonly seats: readonly string[]
  /** Points. */
  readonly totalPrice: bigint
  readonly state: ReservationState
  /** The hold is over from this moment on. */
  readonly heldUntil: Date
  /** The payment that bought the seats; null if none did. */
  readonly paymentId: string | null
  /** Counts its changes, from 1. */
  readonly version: number
  readonly createdAt: Date
}

/** A reservation and the database's clock, by which its hold lapses. */
export interface ReservationNow {
  readonly reservation: Reservation
  readonly now: Date
}

/** What is stored. That a hold lapsed is never stored: it follows from the clock. */
export type ReservationState = 'HELD' | 'SOLD' | 'RELEASED'

/** What the user sees. */
export type ReservationStatus = ReservationState | 'EXPIRED'

/** Where a reservation stands at a moment. */
export function statusAt(reservation: Reservation, now: Date): ReservationStatus {
  return reservation.state === 'HELD' && reservation.heldUntil <= now ? 'EXPIRED' : reservation.state
}
