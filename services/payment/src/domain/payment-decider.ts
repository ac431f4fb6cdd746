import { askAgainInMs, type Patience } from './patience.ts'
import { type Payment, statusOf } from './payment.ts'
import { type Decision, decide, type SagaMessage } from './saga.ts'

/** When timers wake a payment, in milliseconds from now. */
export interface Wakeups {
  /** The time until its open question is sent again; null if none is open. */
  readonly askAgainInMs: number | null
  /** The time until it fails without an answer about the points; null if it cannot time out any more. */
  readonly giveUpInMs: number | null
}

/** Decides what follows from a message, and when timers wake the payment. */
export interface PaymentDecider {
  /** The wakeups of a payment that is accepted now. */
  readonly atAcceptance: { readonly [Wakeup in keyof Wakeups]: number }
  decide(payment: Payment, message: SagaMessage, now: Date): Decision & { readonly wakeups: Wakeups }
  wakeupsOf(payment: Payment, now: Date): Wakeups
}

/** Creates the decider: the only place that knows how long payments wait. */
export function createPaymentDecider(patience: Patience): PaymentDecider {
  function wakeupsOf(payment: Payment, now: Date): Wakeups {
    const isPending = statusOf(payment) === 'PENDING'
    return {
      askAgainInMs: askAgainInMs(payment, patience),
      giveUpInMs: isPending ? Math.max(0, payment.deadline.getTime() - now.getTime()) : null,
    }
  }
  return {
    atAcceptance: { askAgainInMs: patience.askAgainMs, giveUpInMs: patience.deadlineMs },
    decide(payment, message, now) {
      const decision = decide(payment, message, now)
      return { ...decision, wakeups: wakeupsOf(decision.payment, now) }
    },
    wakeupsOf,
  }
}
