import { setTimeout as delay } from 'node:timers/promises'
import { Code, RemoteError } from '@boxoffice/common/status/errors.ts'
import type { Payment, PaymentTransition } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { Failure } from './failure.ts'
import type { Session } from './session.ts'

export interface FollowOptions {
  /** The last sequence that the caller has seen; 0 for none. */
  readonly afterSequence: number
  /** Gives up after this long. */
  readonly waitMs: number
}

export interface FollowedStep {
  readonly transition: PaymentTransition
  /** The payment after the latest transition of the same message. */
  readonly payment: Payment
}

const retryMs = 300

/**
 * Follows a payment step by step until it is final. A stream that breaks is resumed after the last step that was seen.
 *
 * @returns the final payment, with the transitions that were followed
 * @throws Failure if it is not final in time
 */
export async function* followPayment(
  session: Session,
  paymentId: string,
  { afterSequence, waitMs }: FollowOptions,
): AsyncGenerator<FollowedStep, Payment> {
  const deadline = Date.now() + waitMs
  const seen: PaymentTransition[] = []
  let sequence = afterSequence
  let broken: unknown
  while (Date.now() < deadline) {
    try {
      const request = { paymentId, afterSequence: sequence }
      const options = { signal: session.signal, deadlineMs: deadline - Date.now() }
      for await (const { payment } of session.payment().watchPayment(request, options)) {
        if (payment === undefined) continue
        const steps = payment.transitions.filter((step) => step.sequence > sequence)
        seen.push(...steps)
        const whole = { ...payment, transitions: [...seen] }
        for (const transition of steps) yield { transition, payment: whole }
        sequence = Math.max(sequence, payment.sequence)
        if (payment.final) return whole
      }
    } catch (error) {
      if (!canResume(error) || session.signal.aborted) throw error
      broken = error
    }
    await delay(Math.min(retryMs, Math.max(0, deadline - Date.now())))
  }
  throw new Failure(
    'NOT_FINAL',
    `Payment ${paymentId} is not final after ${waitMs / 1000} s; it continues by itself`,
    {
      next: [`npx boxoffice payments watch ${paymentId}`],
      cause: broken,
    },
  )
}

/** Whether the stream can be resumed: the replica went away, or the time is over, which the loop checks. */
function canResume(error: unknown): boolean {
  return (
    error instanceof RemoteError && (error.code === Code.UNAVAILABLE || error.code === Code.DEADLINE_EXCEEDED)
  )
}
