import type { NewSpan, Tracer } from '@boxoffice/common/telemetry/tracer.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { SagaMessage } from '../domain/saga.ts'
import type { DuePayment } from '../storage/select-due.ts'
import { advanceInTransaction } from './advance-payments.ts'
import type { PaymentParts } from './payment-parts.ts'

/** What a timer works with. */
export interface TimerScope extends PaymentParts {
  readonly tracer?: Tracer | undefined
}

/** Payments that one transaction takes on. */
export const batchSizeMax = 200

/**
 * Takes the payments that are due through `message`, a batch in a transaction, until no more are due or `stopping` is aborted.
 *
 * @param lockDue - selects and locks payments in the order of their ids, and passes over those that are locked
 */
export async function advanceDue(
  scope: TimerScope,
  lockDue: (em: EntityManager, limit: number) => Promise<DuePayment[]>,
  message: SagaMessage,
  stopping: AbortSignal | undefined,
): Promise<void> {
  for (let found = batchSizeMax; found === batchSizeMax && !stopping?.aborted; )
    found = await advanceBatch(scope, lockDue, message)
}

/** @returns how many were due */
async function advanceBatch(
  scope: TimerScope,
  lockDue: (em: EntityManager, limit: number) => Promise<DuePayment[]>,
  message: SagaMessage,
): Promise<number> {
  const spans = await advanceInTransaction(scope, async (em, advance) => {
    const due = await lockDue(em, batchSizeMax)
    if (due.length === 0) return []
    const spans = due.map((payment) => scope.tracer?.begin(spanOf(payment, message)))
    await advance(
      due.map(({ paymentId, traceparent }, nth) => ({
        paymentId,
        message,
        cause: { traceparent: spans[nth]?.traceparent ?? traceparent ?? undefined },
      })),
    )
    return spans
  })
  for (const span of spans) span?.end()
  return spans.length
}

/** What a timer does for a payment belongs to the payment's trace. */
function spanOf({ paymentId, traceparent }: DuePayment, { type }: SagaMessage): NewSpan {
  return {
    name: `timer ${type}`,
    kind: 'INTERNAL',
    parent: traceparent ?? undefined,
    attributes: { 'boxoffice.payment.id': paymentId },
  }
}
