import { type Holdings, type HoldPolicy, type HoldRefusal, refuseHold } from './hold-policy.ts'
import type { Reservation } from './reservation.ts'

/** A locked seat. */
export interface Seat {
  /** SECTION-ROW-NUMBER */
  readonly seat: string
  /** Points. */
  readonly price: bigint
  readonly sold: boolean
  /** The end of its last hold, past or future; null if it was never held, or was given back. */
  readonly heldUntil: Date | null
}

export interface HoldRequest {
  readonly reservationId: string
  readonly userId: string
  readonly concertId: string
  readonly seats: readonly string[]
  readonly durationMs: number
  readonly policy: HoldPolicy
}

export type Hold = { readonly outcome: 'HELD'; readonly reservation: Reservation } | RefusedHold

export type RefusedHold =
  /** The concert has no seats of these names. */
  | { readonly outcome: 'NOT_FOUND'; readonly seats: readonly string[] }
  /** These seats are sold or held. */
  | { readonly outcome: 'UNAVAILABLE'; readonly seats: readonly string[] }
  | HoldRefusal

/**
 * Holds all of the seats that a request names, or none.
 *
 * @param seats - the named seats that exist, in the order of the map
 * @param holdings - what the user holds and has bought already
 */
export function holdSeats(request: HoldRequest, seats: readonly Seat[], holdings: Holdings, now: Date): Hold {
  const existing = new Set(seats.map(({ seat }) => seat))
  const missing = request.seats.filter((seat) => !existing.has(seat))
  if (missing.length > 0) return { outcome: 'NOT_FOUND', seats: missing }

  const taken = seats.filter((seat) => !isFree(seat, now))
  if (taken.length > 0) return { outcome: 'UNAVAILABLE', seats: taken.map(({ seat }) => seat) }

  const refusal = refuseHold(request.policy, holdings, seats.length, now)
  if (refusal !== undefined) return refusal

  const { reservationId, userId, concertId, durationMs } = request
  return {
    outcome: 'HELD',
    reservation: {
      reservationId,
      userId,
      concertId,
      seats: seats.map(({ seat }) => seat),
      totalPrice: seats.reduce((total, { price }) => total + price, 0n),
      state: 'HELD',
      heldUntil: new Date(now.getTime() + durationMs),
      paymentId: null,
      version: 1,
      createdAt: now,
    },
  }
}

/** Whether a seat can be held. A lapsed hold frees its seat without any job. */
function isFree(seat: Seat, now: Date): boolean {
  return !seat.sold && (seat.heldUntil === null || seat.heldUntil <= now)
}
