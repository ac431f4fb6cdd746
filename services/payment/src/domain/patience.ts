import { isFinal, type Payment } from './payment.ts'

/** How long a payment waits, in milliseconds. */
export interface Patience {
  /** For the answer about the points, before it fails. */
  readonly deadlineMs: number
  /** For any answer, before the question is put again; doubled each time. */
  readonly askAgainMs: number
  /** The most that the doubling leads to. */
  readonly askAgainMaxMs: number
}

/** After how many milliseconds a payment's open question is put once more; null if none is open. */
export function askAgainInMs(payment: Payment, { askAgainMs, askAgainMaxMs }: Patience): number | null {
  return isFinal(payment) ? null : Math.min(askAgainMs * 2 ** payment.attempt, askAgainMaxMs)
}
