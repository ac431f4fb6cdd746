import type { Books } from './books.ts'
import { type InvariantResult, judge, skip } from './invariant.ts'
import type { Sale } from './reservation-books.ts'

const soldExactlyIfPaid = {
  id: 'sold-exactly-if-paid',
  invariant: 'A seat is sold exactly if one COMPLETED payment paid its price',
}
const oneHolder = { id: 'one-holder-per-seat', invariant: 'At most one live hold or sale per seat' }
const completedIsDone = {
  id: 'completed-is-debited-and-sold',
  invariant: 'COMPLETED: the points are taken and the seats are sold',
}
const soldIsBeingPaid = {
  id: 'sold-is-being-paid',
  invariant: 'A sale belongs to a PROCESSING or COMPLETED payment',
}

/**
 * Invariant 2 of docs/invariants.md, second half: only at rest, because a sale comes before the end of its payment.
 */
export function checkSoldExactlyIfPaid(books: Books, notAtRest: string | undefined): InvariantResult {
  if (notAtRest !== undefined) return skip(soldExactlyIfPaid, notAtRest)
  const { reservation, after } = books
  const faults: string[] = []
  for (const sale of reservation.sales.values()) {
    const payment = after.payments.get(sale.paymentId)
    if (payment?.status !== 'COMPLETED') {
      faults.push(
        `${seatsOf(sale)} are sold, and payment ${sale.paymentId} is ${payment?.status ?? 'unknown'}`,
      )
    }
  }
  for (const payment of after.payments.values()) {
    if (payment.status !== 'COMPLETED') continue
    const fault = faultOfSale(payment, reservation.sales.get(payment.paymentId))
    if (fault !== undefined) faults.push(fault)
  }
  const seats = [...reservation.sales.values()].reduce((total, sale) => total + sale.seats, 0)
  return judge(soldExactlyIfPaid, `${seats} seats sold to ${reservation.sales.size} payments`, faults)
}

/** 5, second part. */
export function checkOneHolder({ reservation }: Books): InvariantResult {
  return judge(
    oneHolder,
    `${reservation.liveHolds} live holds, ${reservation.sales.size} sales`,
    reservation.seatFaults,
  )
}

/** 5, third part: for payments that were COMPLETED before the participants were read. */
export function checkCompletedIsDone({ before, point, reservation }: Books): InvariantResult {
  const faults: string[] = []
  let completed = 0
  for (const payment of before.payments.values()) {
    if (payment.status !== 'COMPLETED') continue
    completed += 1
    const debit = point.ledger.get(payment.paymentId)?.debit ?? 0n
    if (debit !== payment.amount) {
      faults.push(
        `payment ${payment.paymentId} is COMPLETED over ${payment.amount}, and ${debit} points were taken`,
      )
    }
    const fault = faultOfSale(payment, reservation.sales.get(payment.paymentId))
    if (fault !== undefined) faults.push(fault)
  }
  return judge(completedIsDone, `${completed} completed payments`, faults)
}

/** 5, fourth part: payments are read after the sales. */
export function checkSoldIsBeingPaid({ reservation, after }: Books): InvariantResult {
  const faults = [...reservation.sales.values()].flatMap((sale) => {
    const status = after.payments.get(sale.paymentId)?.status ?? 'unknown'
    if (status === 'PROCESSING' || status === 'COMPLETED') return []
    return [`${seatsOf(sale)} are sold to payment ${sale.paymentId}, which is ${status}`]
  })
  return judge(soldIsBeingPaid, `${reservation.sales.size} sales`, faults)
}

function faultOfSale(
  payment: { readonly paymentId: string; readonly reservationId: string; readonly amount: bigint },
  sale: Sale | undefined,
): string | undefined {
  const { paymentId, reservationId, amount } = payment
  if (sale === undefined) return `payment ${paymentId} is COMPLETED, and no seat is sold to it`
  if (sale.reservationId !== reservationId) {
    return `payment ${paymentId} is for reservation ${reservationId}, and got the seats of ${sale.reservationId}`
  }
  if (sale.price !== amount) return `payment ${paymentId} paid ${amount} for seats of ${sale.price} points`
  return undefined
}

function seatsOf(sale: Sale): string {
  return `${sale.seats} seats of reservation ${sale.reservationId}`
}
