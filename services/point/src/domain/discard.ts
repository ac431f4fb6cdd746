import { contradictionOf, type Debit, type PointRequest } from './wallet.ts'

/** The outcome that an operator states for a request that could not be handled. */
export type Outcome = 'REFUSED' | 'DONE'

/**
 * Closes a debit that an operator discards. Only the ledger takes points, so DONE can confirm a recorded debit and
 * nothing else.
 *
 * @returns undefined if the outcome contradicts what is recorded
 */
export function discardUse(
  known: Debit | undefined,
  request: PointRequest,
  outcome: Outcome,
): Debit | undefined {
  if (contradictionOf(known, request) !== undefined) return undefined
  if (known !== undefined) return (known.refusal === null) === (outcome === 'DONE') ? known : undefined
  if (outcome === 'DONE') return undefined
  const { paymentId, userId, amount } = request
  return { paymentId, userId, amount, refusal: 'DISCARDED', refunded: null }
}

/**
 * Closes a refund that an operator discards. Points that were taken and not refunded cannot be discarded: REFUSED
 * means that none were taken.
 *
 * @returns undefined if the outcome contradicts what is recorded
 */
export function discardRefund(
  known: Debit | undefined,
  request: PointRequest,
  outcome: Outcome,
): Debit | undefined {
  if (contradictionOf(known, request) !== undefined) return undefined
  const { paymentId, userId, amount } = request
  const debit: Debit = known ?? { paymentId, userId, amount, refusal: 'DISCARDED', refunded: null }
  if (debit.refusal === null && debit.refunded === null) return undefined
  const refunded = debit.refunded ?? 0n
  if (refunded > 0n !== (outcome === 'DONE')) return undefined
  return debit.refunded === null ? { ...debit, refunded } : debit
}
