import { appendToOutbox } from '@boxoffice/common/outbox/append.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { commandMessage, startedBy, transitionMessage } from '../contract/outgoing.ts'
import type { Patience } from '../domain/patience.ts'
import type { Payment } from '../domain/payment.ts'
import { PaymentEntity } from './entities.ts'
import { insertPayments, type NewPayment } from './insert-payments.ts'

/**
 * Accepts checkouts in one transaction: each payment, its first event and the command that asks for the points.
 *
 * @returns in their order: the new payment, the one that was there with the same id, or undefined where another payment of
 * the reservation has not failed
 */
export function acceptPayments(
  database: Database,
  wanted: readonly NewPayment[],
  patience: Patience,
): Promise<(Payment | undefined)[]> {
  return database.transaction(async (em) => {
    const distinct = [...firstById(wanted).values()]
    const inserted = await insertPayments(em, distinct, patience)
    const missing = distinct.filter(({ paymentId }) => !inserted.has(paymentId))
    const known =
      missing.length === 0
        ? []
        : await em.find(PaymentEntity, { paymentId: { $in: missing.map(({ paymentId }) => paymentId) } })
    await appendToOutbox(
      em,
      distinct.flatMap(({ paymentId, traceparent }) => {
        const payment = inserted.get(paymentId)
        if (payment === undefined) return []
        const cause = startedBy(payment, traceparent)
        return [transitionMessage(payment, 'PENDING', cause), commandMessage(payment, 'USE_POINTS', cause)]
      }),
    )
    const knownById = new Map<string, Payment>(known.map((payment) => [payment.paymentId, payment]))
    return wanted.map(({ paymentId }) => inserted.get(paymentId) ?? knownById.get(paymentId))
  })
}

/** A request that comes twice at once is accepted once; whether both ask for the same is for the caller to compare. */
function firstById(wanted: readonly NewPayment[]): Map<string, NewPayment> {
  return new Map(wanted.toReversed().map((one) => [one.paymentId, one]))
}
