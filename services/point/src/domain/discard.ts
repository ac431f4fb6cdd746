import { contradictionOf, type Debit, type PointRequest } from './wallet.ts'

/** What an operator says became of a request that could not be handled. */
export type Outcome = 'REFUSED' | 'DONE'

/**
 * Closes a debit that was given up. Points are only taken by the ledger, so DONE can confirm what is on record and nothing
 * else.
 *
 * @returns undefined if the outcome contradicts what is on record
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
 * Closes a refund that was given up. Points that were taken and have not come back cannot be given up: REFUSED means that
 * there were none.
 *
 * @returns undefined if the outcome contradicts what is on record
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
