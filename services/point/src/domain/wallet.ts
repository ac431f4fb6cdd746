/**
 * The rules of the wallet: pure functions over plain data. A payment's debit is decided once and kept for ever, so
 * that repeated commands get the first answer.
 */

export interface Wallet {
  readonly userId: string
  /** Points; never negative. */
  readonly balance: bigint
}

export type Refusal = 'INSUFFICIENT_POINTS' | 'UNKNOWN_WALLET' | 'CANCELLED' | 'DISCARDED'

/** The decision for one payment. */
export interface Debit {
  readonly paymentId: string
  readonly userId: string
  readonly amount: bigint
  /** Why the points were refused; null if they were taken. */
  readonly refusal: Refusal | null
  /** Refunded points, 0 if there was nothing to refund; null while no refund was requested. */
  readonly refunded: bigint | null
}

/** A row of the append-only ledger. */
export interface LedgerEntry {
  readonly userId: string
  readonly kind: 'CHARGE' | 'DEBIT' | 'REFUND'
  /** Always positive; the kind gives the direction. */
  readonly amount: bigint
  /** The balance after the row. */
  readonly balance: bigint
  readonly paymentId: string | null
}

export interface PointRequest {
  readonly paymentId: string
  readonly userId: string
  readonly amount: bigint
}

/**
 * The reason why a request cannot be about the payment that it names; undefined if nothing is recorded for the
 * payment, or the request agrees with the record. A record, also a tombstone, has the user and the number of points.
 */
export function contradictionOf(known: Debit | undefined, request: PointRequest): string | undefined {
  if (known === undefined) return undefined
  if (known.userId !== request.userId)
    return `payment ${known.paymentId} is on record for the wallet of another user`
  if (known.amount !== request.amount)
    return `payment ${known.paymentId} is on record for ${known.amount} points, not for ${request.amount}`
  return undefined
}

/** The result of a request: the debit's new state, and a ledger row if points moved. */
export interface Decision {
  readonly debit: Debit
  readonly entry: LedgerEntry | undefined
}

/** The highest balance that a charge may lead to. Refunds may go past it. */
export const balanceMax = 1_000_000_000_000_000n

/** Takes points for a payment, or refuses them. A known payment keeps its outcome. */
export function usePoints(
  wallet: Wallet | undefined,
  known: Debit | undefined,
  request: PointRequest,
): Decision {
  if (known !== undefined) return { debit: known, entry: undefined }
  const { paymentId, userId, amount } = request
  const refusal = refusalOf(wallet, amount)
  const debit: Debit = { paymentId, userId, amount, refusal, refunded: null }
  if (wallet === undefined || refusal !== null) return { debit, entry: undefined }
  return { debit, entry: { userId, kind: 'DEBIT', amount, balance: wallet.balance - amount, paymentId } }
}

/**
 * Refunds what was taken for a payment, once. An unknown payment is closed, so that a debit that arrives later is
 * refused as CANCELLED.
 */
export function refundPoints(
  wallet: Wallet | undefined,
  known: Debit | undefined,
  request: PointRequest,
): Decision {
  const { paymentId, userId, amount } = request
  if (known === undefined) {
    return { debit: { paymentId, userId, amount, refusal: 'CANCELLED', refunded: 0n }, entry: undefined }
  }
  if (known.refunded !== null) return { debit: known, entry: undefined }
  if (known.refusal !== null) return { debit: { ...known, refunded: 0n }, entry: undefined }
  if (wallet === undefined) throw new Error(`payment ${paymentId} was debited, but its wallet is gone`)
  return {
    debit: { ...known, refunded: known.amount },
    entry: {
      userId: wallet.userId,
      kind: 'REFUND',
      amount: known.amount,
      balance: wallet.balance + known.amount,
      paymentId,
    },
  }
}

/** Adds points to a wallet; undefined if the balance would pass {@link balanceMax}. */
export function chargePoints(wallet: Wallet, amount: bigint): LedgerEntry | undefined {
  const balance = wallet.balance + amount
  if (balance > balanceMax) return undefined
  return { userId: wallet.userId, kind: 'CHARGE', amount, balance, paymentId: null }
}

function refusalOf(wallet: Wallet | undefined, amount: bigint): Refusal | null {
  if (wallet === undefined) return 'UNKNOWN_WALLET'
  return wallet.balance < amount ? 'INSUFFICIENT_POINTS' : null
}
