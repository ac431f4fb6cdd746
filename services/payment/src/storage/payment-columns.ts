import { columns } from '@boxoffice/common/postgres/columns.ts'
import { type Payment, statusOf } from '../domain/payment.ts'
import type { Wakeups } from '../domain/payment-decider.ts'

/** A payment, and when its open question is sent again. Its deadline never changes. */
export interface ScheduledPayment {
  readonly state: Payment
  readonly wakeups: Pick<Wakeups, 'askAgainInMs'>
}

/** The columns of a payment that change, for {@link columns}. */
export const stateColumns = {
  points: ['text', ({ state }) => state.points],
  seats: ['text', ({ state }) => state.seats],
  refund: ['text', ({ state }) => state.refund],
  status: ['text', ({ state }) => statusOf(state)],
  failure_reason: ['text', ({ state }) => state.failureReason],
  sequence: ['integer', ({ state }) => state.sequence],
  attempt: ['integer', ({ state }) => state.attempt],
  updated_at: ['timestamptz', ({ state }) => state.updatedAt],
  ask_again_ms: ['float8', ({ wakeups }) => wakeups.askAgainInMs],
} satisfies Parameters<typeof columns<ScheduledPayment>>[0]

/** The columns of a transition: the payment as it was after it. */
export const transitionColumns = columns<Payment>({
  payment_id: ['uuid', ({ paymentId }) => paymentId],
  sequence: ['integer', ({ sequence }) => sequence],
  status: ['text', (payment) => statusOf(payment)],
  failure_reason: ['text', ({ failureReason }) => failureReason],
  refund: ['text', ({ refund }) => refund],
  occurred_at: ['timestamptz', ({ updatedAt }) => updatedAt],
})
