import { type Reservation, statusAt } from './reservation.ts'

/** A payment asks for the seats that it has paid for. */
export interface ConfirmRequest {
  readonly paymentId: string
  readonly reservationId: string
  /** The user who paid. */
  readonly userId: string
  /** The amount that was paid, in points. */
  readonly amount: bigint
}

export type Refusal =
  | 'UNKNOWN_RESERVATION'
  | 'NOT_HOLDER'
  | 'ALREADY_SOLD'
  | 'RELEASED'
  | 'HOLD_EXPIRED'
  | 'AMOUNT_MISMATCH'
  | 'DISCARDED'

/** The decision for one payment, kept for ever. */
export interface Confirmation {
  readonly paymentId: string
  readonly reservationId: string
  /** Why the seats were refused; null if they were sold to the payment. */
  readonly refusal: Refusal | null
  readonly decidedAt: Date
}

/** A reservation, and whether it still owns all of its seats: a later hold may have taken lapsed ones. */
export interface LockedReservation {
  readonly reservation: Reservation
  readonly ownsItsSeats: boolean
}

/** The result of a request: the payment's outcome, and the reservation's new state if its seats were sold. */
export interface Decision {
  readonly confirmation: Confirmation
  readonly sold: Reservation | undefined
}

/**
 * The reason why a request cannot be about the payment that it names: another reservation is recorded for the payment,
 * or its seats are sold to it for another user or amount. Undefined if nothing is recorded, or the request agrees with
 * it.
 */
export function contradictionOf(
  locked: LockedReservation | undefined,
  known: Confirmation | undefined,
  { paymentId, reservationId, userId, amount }: ConfirmRequest,
): string | undefined {
  if (known !== undefined && known.reservationId !== reservationId)
    return `payment ${paymentId} is on record for reservation ${known.reservationId}, not for ${reservationId}`
  const reservation = locked?.reservation
  if (reservation?.paymentId !== paymentId) return undefined
  if (reservation.userId !== userId)
    return `reservation ${reservationId} is sold to payment ${paymentId} of another user`
  if (reservation.totalPrice !== amount)
    return `reservation ${reservationId} is sold to payment ${paymentId} for ${reservation.totalPrice}, not for ${amount}`
  return undefined
}

/**
 * Sells the seats of a reservation to a payment, or refuses. A known payment keeps its outcome, whatever has happened
 * since. After a refusal another payment may still succeed.
 */
export function confirmSeats(
  locked: LockedReservation | undefined,
  known: Confirmation | undefined,
  request: ConfirmRequest,
  now: Date,
): Decision {
  if (known !== undefined) return { confirmation: known, sold: undefined }
  const { paymentId, reservationId } = request
  const refusal = refusalOf(locked, request, now)
  const confirmation: Confirmation = { paymentId, reservationId, refusal, decidedAt: now }
  if (locked === undefined || refusal !== null) return { confirmation, sold: undefined }
  const { reservation } = locked
  if (reservation.state === 'SOLD') return { confirmation, sold: undefined }
  return {
    confirmation,
    sold: { ...reservation, state: 'SOLD', paymentId, version: reservation.version + 1 },
  }
}

/**
 * Closes a confirmation that an operator discards. Only the handler sells seats, so DONE can confirm a recorded sale
 * and nothing else.
 *
 * @returns undefined if the outcome contradicts what is recorded
 */
export function discardConfirmation(
  known: Confirmation | undefined,
  request: ConfirmRequest,
  outcome: 'REFUSED' | 'DONE',
  now: Date,
): Confirmation | undefined {
  if (known !== undefined) return (known.refusal === null) === (outcome === 'DONE') ? known : undefined
  if (outcome === 'DONE') return undefined
  const { paymentId, reservationId } = request
  return { paymentId, reservationId, refusal: 'DISCARDED', decidedAt: now }
}

function refusalOf(
  locked: LockedReservation | undefined,
  request: ConfirmRequest,
  now: Date,
): Refusal | null {
  if (locked === undefined) return 'UNKNOWN_RESERVATION'
  const { reservation, ownsItsSeats } = locked
  if (reservation.userId !== request.userId) return 'NOT_HOLDER'
  switch (statusAt(reservation, now)) {
    case 'SOLD':
      return reservation.paymentId === request.paymentId ? null : 'ALREADY_SOLD'
    case 'RELEASED':
      return 'RELEASED'
    case 'EXPIRED':
      // A lapsed hold is over, even if its seats are still free.
      return 'HOLD_EXPIRED'
    case 'HELD':
      // After a failover the clock may have gone back to before a lapse, and another user may have taken the seats.
      if (!ownsItsSeats) return 'HOLD_EXPIRED'
      return reservation.totalPrice === request.amount ? null : 'AMOUNT_MISMATCH'
  }
}
