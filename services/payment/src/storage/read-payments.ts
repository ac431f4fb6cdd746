import type { EntityManager } from '@mikro-orm/postgresql'
import {
  PaymentEntity,
  type PaymentRow,
  PaymentTransitionEntity,
  type PaymentTransitionRow,
} from './entities.ts'

export interface PaymentWithHistory {
  readonly payment: PaymentRow
  readonly transitions: readonly PaymentTransitionRow[]
}

/** Payments by their ids, each with the transitions after `afterSequence`. */
export async function readPayments(
  em: EntityManager,
  paymentIds: readonly string[],
  afterSequence = 0,
): Promise<PaymentWithHistory[]> {
  const payments = await em.find(PaymentEntity, { paymentId: { $in: [...paymentIds] } })
  return withHistory(em, payments, afterSequence)
}

/** Adds to payments their transitions, up to the sequence at which each payment was read. */
export async function withHistory(
  em: EntityManager,
  payments: readonly PaymentRow[],
  afterSequence = 0,
): Promise<PaymentWithHistory[]> {
  const transitions = await em.find(
    PaymentTransitionEntity,
    {
      paymentId: { $in: payments.map((payment) => payment.paymentId) },
      sequence: { $gt: afterSequence },
    },
    { orderBy: { paymentId: 'asc', sequence: 'asc' } },
  )
  const byPayment = Map.groupBy(transitions, (transition) => transition.paymentId)
  return payments.map((payment) => ({
    payment,
    transitions: (byPayment.get(payment.paymentId) ?? []).filter(
      (transition) => transition.sequence <= payment.sequence,
    ),
  }))
}
