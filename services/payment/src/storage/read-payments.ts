import type { EntityManager } from '@mikro-orm/postgresql'
import {
  PaymentEntity,
  type PaymentRow,
  PaymentTransitionEntity,
  type PaymentTransitionRow,
} from './entities.ts'

/** A user's payment; null if there is none, or it is another user's. Read from the database each time. */
export function readOwnPayment(
  em: EntityManager,
  { paymentId, userId }: { readonly paymentId: string; readonly userId: string },
): Promise<PaymentRow | null> {
  return em.findOne(PaymentEntity, { paymentId, userId }, { disableIdentityMap: true })
}

/** Payments by their ids, without their histories. */
export function findPayments(em: EntityManager, paymentIds: readonly string[]): Promise<PaymentRow[]> {
  return em.find(PaymentEntity, { paymentId: { $in: [...paymentIds] } })
}

/** The bounds of a page of a user's payments. */
export interface PaymentPage {
  readonly userId: string
  /** Only payments before this place; undefined for the newest. Payments accepted together have the same time. */
  readonly before: { readonly time: Date; readonly id: string } | undefined
  readonly limit: number
}

/** A user's payments, newest first. */
export function readPage(em: EntityManager, { userId, before, limit }: PaymentPage): Promise<PaymentRow[]> {
  return em.find(
    PaymentEntity,
    { userId, ...(before === undefined ? {} : olderThan(before)) },
    { orderBy: { createdAt: 'desc', paymentId: 'desc' }, limit },
  )
}

function olderThan({ time, id }: NonNullable<PaymentPage['before']>) {
  return {
    // This condition alone lets a page start in the index where the last one ended, however far down the list that is.
    createdAt: { $lte: time },
    $or: [{ createdAt: { $lt: time } }, { paymentId: { $lt: id } }],
  }
}

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
  return withHistory(em, await findPayments(em, paymentIds), afterSequence)
}

/** Adds each payment's transitions, up to the sequence that was read with the payment. */
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
