import { columns } from '@boxoffice/common/postgres/columns.ts'
import { type Payment, statusOf } from '../domain/payment.ts'
import type { Wakeups } from '../domain/payment-decider.ts'

/** A payment, and when its open question is put once more. Its deadline stays what it was accepted with. */
export interface ScheduledPayment {
  readonly state: Payment
  readonly wakeups: Pick<Wakeups, 'askAgainInMs'>
}

/** What of payments changes, for {@link columns}. */
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

/** Transitions: each payment as it was after one. */
export const transitionColumns = columns<Payment>({
  payment_id: ['uuid', ({ paymentId }) => paymentId],
  sequence: ['integer', ({ sequence }) => sequence],
  status: ['text', (payment) => statusOf(payment)],
  failure_reason: ['text', ({ failureReason }) => failureReason],
  refund: ['text', ({ refund }) => refund],
  occurred_at: ['timestamptz', ({ updatedAt }) => updatedAt],
})
