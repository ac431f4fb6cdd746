import { type Payment, statusOf } from '../domain/payment.ts'
import type { Wakeups } from '../domain/payment-decider.ts'

/** A payment, and when its open question is put once more. Its deadline stays what it was accepted with. */
export interface ScheduledPayment {
  readonly state: Payment
  readonly wakeups: Pick<Wakeups, 'askAgainInMs'>
}

/**
 * What of payments changes, as columns: points, seats, refund, status, failure reason, sequence, attempt, time of the change,
 * and after how many milliseconds the open question is put once more.
 */
export function stateColumns(scheduled: readonly ScheduledPayment[]): unknown[][] {
  const payments = scheduled.map(({ state }) => state)
  return [
    payments.map((payment) => payment.points),
    payments.map((payment) => payment.seats),
    payments.map((payment) => payment.refund),
    payments.map((payment) => statusOf(payment)),
    payments.map((payment) => payment.failureReason),
    payments.map((payment) => payment.sequence),
    payments.map((payment) => payment.attempt),
    payments.map((payment) => payment.updatedAt),
    scheduled.map(({ wakeups }) => wakeups.askAgainInMs),
  ]
}

/**
 * Transitions as columns: payment, sequence, status, failure reason, refund, time.
 *
 * @param transitions - each payment as it stood after a transition
 */
export function transitionColumns(transitions: readonly Payment[]): unknown[][] {
  return [
    transitions.map((payment) => payment.paymentId),
    transitions.map((payment) => payment.sequence),
    transitions.map((payment) => statusOf(payment)),
    transitions.map((payment) => payment.failureReason),
    transitions.map((payment) => payment.refund),
    transitions.map((payment) => payment.updatedAt),
  ]
}
