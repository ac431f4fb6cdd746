import type { Books } from './books.ts'
import { type InvariantResult, judge, skip } from './invariant.ts'

const pointsConserved = {
  id: 'points-conserved',
  invariant: 'Charges − balances = amounts of completed payments',
}
const ledgerExplains = {
  id: 'ledger-explains-balances',
  invariant: 'Each balance is the sum of its ledger',
}
const notNegative = { id: 'balances-not-negative', invariant: 'No balance is below zero' }
const refundedIsFailed = {
  id: 'refunded-is-failed',
  invariant: 'A refund belongs to a FAILED payment, a debit to a payment',
}

/** Invariant 1 of docs/invariants.md: only at rest, because the points of an open payment are in neither place. */
export function checkPointsConserved(
  { point, after }: Books,
  notAtRest: string | undefined,
): InvariantResult {
  if (notAtRest !== undefined) return skip(pointsConserved, notAtRest)
  const faults: string[] = []
  let spent = 0n
  for (const { paymentId, status, amount } of after.payments.values()) {
    const { debit, refund } = point.ledger.get(paymentId) ?? { debit: 0n, refund: 0n }
    const owed = status === 'COMPLETED' ? amount : 0n
    spent += owed
    if (debit - refund === owed) continue
    faults.push(`payment ${paymentId} is ${status} over ${amount}, and cost its user ${debit - refund}`)
  }
  const gone = point.charges - point.balances
  if (gone !== spent) faults.unshift(`${gone} points are gone from the wallets, ${spent} were paid`)
  return judge(pointsConserved, `${point.charges} − ${point.balances} = ${spent}`, faults)
}

/** 2, first half. */
export function checkLedger({ point }: Books): InvariantResult {
  return judge(ledgerExplains, `${point.wallets} wallets`, point.ledgerFaults)
}

/** 5, first part. */
export function checkNotNegative({ point }: Books): InvariantResult {
  return judge(notNegative, `${point.wallets} wallets`, point.negative)
}

/** 5, last part: payments are read after the ledger, so each row has its reason. */
export function checkRefundedIsFailed({ point, after }: Books): InvariantResult {
  const faults: string[] = []
  let refunds = 0
  for (const [paymentId, { refund }] of point.ledger) {
    const status = after.payments.get(paymentId)?.status
    if (status === undefined) faults.push(`payment ${paymentId} has ledger rows and does not exist`)
    if (refund === 0n) continue
    refunds += 1
    if (status !== undefined && status !== 'FAILED') {
      faults.push(`payment ${paymentId} is ${status}, and ${refund} points were refunded`)
    }
  }
  return judge(refundedIsFailed, `${refunds} refunds`, faults)
}
