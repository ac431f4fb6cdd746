import { createGroupCommit, type GroupCommit, groupBounds } from '@boxoffice/common/postgres/group-commit.ts'
import type { OutboxMessage } from '@boxoffice/messaging'
import { commandMessage, startedBy, transitionMessage } from '../contract/outgoing.ts'
import type { CheckoutRefusal, Payment } from '../domain/payment.ts'
import type { NewPayment } from '../storage/insert-payments.ts'
import type { PaymentParts } from './payment-parts.ts'

export type { NewPayment } from '../storage/insert-payments.ts'

/**
 * Accepts checkouts, each once for its payment id. Under load checkouts wait for commits, not for inserts: those that
 * come at the same time share one commit.
 */
export function createPaymentAcceptor(
  parts: Omit<PaymentParts, 'saga'>,
): GroupCommit<NewPayment, Payment | CheckoutRefusal> {
  return createGroupCommit({ ...groupBounds, commit: (payments) => acceptPayments(parts, payments) })
}

/**
 * Accepts checkouts in one transaction: each payment, its first event and the command that asks for the points.
 *
 * @returns in the order of the checkouts: the new payment, the existing one with the same id, or why there is none
 */
export function acceptPayments<Tx>(
  { database, store, decider }: Omit<PaymentParts<Tx>, 'saga'>,
  wanted: readonly NewPayment[],
): Promise<(Payment | CheckoutRefusal)[]> {
  return database.transaction(async (tx) => {
    const distinct = [...firstById(wanted).values()]
    const { accepted, refused } = await store.insert(tx, distinct, decider.atAcceptance)
    const missing = distinct.filter(({ paymentId }) => !accepted.has(paymentId))
    const missingIds = missing.map(({ paymentId }) => paymentId)
    const known = missingIds.length === 0 ? [] : await store.find(tx, missingIds)
    await store.append(
      tx,
      distinct.flatMap((payment) => messagesOf(accepted.get(payment.paymentId), payment)),
    )
    const knownById = new Map<string, Payment>(known.map((payment) => [payment.paymentId, payment]))
    return wanted.map(
      ({ paymentId }) =>
        accepted.get(paymentId) ??
        knownById.get(paymentId) ??
        refused.get(paymentId) ?? { reason: 'RESERVATION_IN_PAYMENT' },
    )
  })
}

function messagesOf(payment: Payment | undefined, { traceparent }: NewPayment): OutboxMessage[] {
  if (payment === undefined) return []
  const cause = startedBy(payment, traceparent)
  return [transitionMessage(payment, 'PENDING', cause), commandMessage(payment, 'USE_POINTS', cause)]
}

/** A request that comes twice at once is accepted once. The caller compares whether both ask for the same. */
function firstById(wanted: readonly NewPayment[]): Map<string, NewPayment> {
  return new Map(wanted.toReversed().map((payment) => [payment.paymentId, payment]))
}
