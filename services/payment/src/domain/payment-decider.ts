import { askAgainInMs, type Patience } from './patience.ts'
import { type Payment, statusOf } from './payment.ts'
import { type Decision, decide, type SagaMessage } from './saga.ts'

/** When a payment is to be woken, in milliseconds from now. */
export interface Wakeups {
  /** Its open question is put once more; null if none is open. */
  readonly askAgainInMs: number | null
  /** It fails, as no answer about the points has come; null if it cannot fail by that any more. */
  readonly giveUpInMs: number | null
}

/** What follows from a message, and how long that is waited for. */
export interface PaymentDecider {
  /** Of a payment that is accepted now. */
  readonly atAcceptance: { readonly [Wakeup in keyof Wakeups]: number }
  decide(payment: Payment, message: SagaMessage, now: Date): Decision & { readonly wakeups: Wakeups }
  wakeupsOf(payment: Payment, now: Date): Wakeups
}

/** The only place that knows how patient payments are. */
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
