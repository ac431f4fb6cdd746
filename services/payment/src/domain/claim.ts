import type { Payment } from './payment.ts'

/** The content of an answer beside its outcome. A field that the answer does not have is undefined. */
export interface Claim extends Partial<Pick<Payment, 'userId' | 'reservationId' | 'amount'>> {
  /** Points that were refunded: all, or none if none had been taken. */
  readonly refunded?: bigint
}

/** Why an answer cannot be about the payment that it names; undefined if it agrees with the stored payment. */
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
