import { appendToOutbox } from '@boxoffice/common/outbox/append.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { commandMessage, startedBy, transitionMessage } from '../contract/outgoing.ts'
import type { Patience } from '../domain/patience.ts'
import type { CheckoutRefusal, Payment } from '../domain/payment.ts'
import { PaymentEntity } from './entities.ts'
import { insertPayments, type NewPayment } from './insert-payments.ts'

/**
 * Accepts checkouts in one transaction: each payment, its first event and the command that asks for the points.
 *
 * @returns in their order: the new payment, the one that was there with the same id, or why there is none
 */
export function acceptPayments(
  database: Database,
  wanted: readonly NewPayment[],
  patience: Patience,
): Promise<(Payment | CheckoutRefusal)[]> {
  return database.transaction(async (em) => {
    const distinct = [...firstById(wanted).values()]
    const { accepted, refused } = await insertPayments(em, distinct, patience)
    const missing = distinct.filter(({ paymentId }) => !accepted.has(paymentId))
    const known =
      missing.length === 0
        ? []
        : await em.find(PaymentEntity, { paymentId: { $in: missing.map(({ paymentId }) => paymentId) } })
    await appendToOutbox(
      em,
      distinct.flatMap(({ paymentId, traceparent }) => {
        const payment = accepted.get(paymentId)
        if (payment === undefined) return []
        const cause = startedBy(payment, traceparent)
        return [transitionMessage(payment, 'PENDING', cause), commandMessage(payment, 'USE_POINTS', cause)]
      }),
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

/** A request that comes twice at once is accepted once; whether both ask for the same is for the caller to compare. */
function firstById(wanted: readonly NewPayment[]): Map<string, NewPayment> {
  return new Map(wanted.toReversed().map((one) => [one.paymentId, one]))
}
