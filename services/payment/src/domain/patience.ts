import { isFinal, type Payment } from './payment.ts'

/** How long a payment waits, in milliseconds. */
export interface Patience {
  /** The wait for the answer about the points, before the payment fails. */
  readonly deadlineMs: number
  /** The wait for any answer, before the question is sent again; doubled after each attempt. */
  readonly askAgainMs: number
  /** The upper bound of the doubled wait. */
  readonly askAgainMaxMs: number
}

/** The milliseconds until a payment's open question is sent again; null if none is open. */
export function askAgainInMs(payment: Payment, { askAgainMs, askAgainMaxMs }: Patience): number | null {
  return isFinal(payment) ? null : Math.min(askAgainMs * 2 ** payment.attempt, askAgainMaxMs)
}
