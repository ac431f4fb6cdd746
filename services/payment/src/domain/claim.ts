import type { Payment } from './payment.ts'

/** What an answer says of its payment beside its outcome; only what it says. */
export interface Claim extends Partial<Pick<Payment, 'userId' | 'reservationId' | 'amount'>> {
  /** Points that came back: all, or none if none had been taken. */
  readonly refunded?: bigint
}

/** Why an answer cannot be meant for the payment that it names; undefined if it agrees with what is on record. */
export function contradictionOf(payment: Payment, claim: Claim): string | undefined {
  const { userId, reservationId, amount, refunded } = claim
  if (userId !== undefined && userId !== payment.userId) return 'the answer is about another user'
  if (reservationId !== undefined && reservationId !== payment.reservationId)
    return `the answer is about reservation ${reservationId}, and it pays for ${payment.reservationId}`
  if (amount !== undefined && amount !== payment.amount)
    return `the answer is about ${amount} points, and it is about ${payment.amount}`
  if (refunded !== undefined && refunded !== 0n && refunded !== payment.amount)
    return `${refunded} points are said to have come back, of ${payment.amount}`
  return undefined
}
