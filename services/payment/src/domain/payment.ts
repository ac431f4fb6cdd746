/** A payment as plain data. Its facts are stored, and its status is derived from them. */

export type Points = 'UNKNOWN' | 'TAKEN' | 'REFUSED'
export type Seats = 'UNKNOWN' | 'SOLD' | 'REFUSED'
/** PENDING: requested and not yet answered. */
export type Refund = 'NONE' | 'PENDING' | 'DONE'
export type Status = 'PENDING' | 'PROCESSING' | 'COMPLETED' | 'FAILED'

export type PointsRefusal = 'INSUFFICIENT_POINTS' | 'UNKNOWN_WALLET' | 'CANCELLED' | 'DISCARDED'
export type SeatsRefusal =
  | 'ALREADY_SOLD'
  | 'HOLD_EXPIRED'
  | 'RELEASED'
  | 'AMOUNT_MISMATCH'
  | 'NOT_HOLDER'
  | 'UNKNOWN_RESERVATION'
  | 'DISCARDED'
export type FailureReason = PointsRefusal | SeatsRefusal | 'TIMED_OUT'

export interface Facts {
  readonly points: Points
  readonly seats: Seats
  readonly refund: Refund
}

export interface Payment extends Facts {
  readonly paymentId: string
  readonly userId: string
  readonly reservationId: string
  /** Points, positive. */
  readonly amount: bigint
  /** Why it FAILED; null otherwise. */
  readonly failureReason: FailureReason | null
  /** The number of its latest transition, from 1. */
  readonly sequence: number
  /** How often the payment has asked again for a missing answer. */
  readonly attempt: number
  readonly createdAt: Date
  readonly updatedAt: Date
  /** The payment fails at this time unless the answer about the points has come. */
  readonly deadline: Date
}

/** What a checkout asks for. */
export type Order = Pick<Payment, 'paymentId' | 'userId' | 'reservationId' | 'amount'>

/** Why a checkout is refused without making a payment. */
export interface CheckoutRefusal {
  readonly reason: 'RESERVATION_NOT_FOUND' | 'RESERVATION_IN_PAYMENT' | 'HOLD_EXPIRED' | 'AMOUNT_MISMATCH'
  /** The price of the reservation in points; undefined if it is not known. */
  readonly totalPrice?: bigint
}

/** A new payment: nothing is known yet. */
export function acceptPayment(
  { paymentId, userId, reservationId, amount }: Order,
  createdAt: Date,
  deadline: Date,
): Payment {
  return {
    paymentId,
    userId,
    reservationId,
    amount,
    points: 'UNKNOWN',
    seats: 'UNKNOWN',
    refund: 'NONE',
    failureReason: null,
    sequence: 1,
    attempt: 0,
    createdAt,
    updatedAt: createdAt,
    deadline,
  }
}

/**
 * The status that follows from the facts. No fact is inferred from another: a payment whose seats are sold stays
 * PROCESSING until point has reported that the points were taken, so it can neither be cancelled nor time out before.
 */
export function statusOf({ points, seats, refund }: Facts): Status {
  if (points === 'REFUSED' || seats === 'REFUSED' || refund !== 'NONE') return 'FAILED'
  if (points === 'TAKEN' && seats === 'SOLD') return 'COMPLETED'
  return points === 'TAKEN' || seats === 'SOLD' ? 'PROCESSING' : 'PENDING'
}

/** Whether the payment will not change any more: COMPLETED, or FAILED without an open refund. */
export function isFinal(facts: Facts): boolean {
  const status = statusOf(facts)
  return status === 'COMPLETED' || (status === 'FAILED' && facts.refund !== 'PENDING')
}
