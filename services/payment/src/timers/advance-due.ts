import { appendToOutbox } from '@boxoffice/common/outbox/append.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import type { NewSpan, Tracer } from '@boxoffice/common/telemetry/tracer.ts'
import type { Patience } from '../domain/patience.ts'
import type { SagaMessage } from '../domain/saga.ts'
import { advancePayments } from '../storage/advance-payments.ts'
import type { PaymentFeed } from '../watch/payment-feed.ts'

/** What a timer works with. */
export interface TimerScope {
  readonly database: Database
  readonly feed: PaymentFeed
  readonly patience: Patience
  readonly tracer?: Tracer | undefined
}

/** Payments that one transaction takes on. */
export const batchSizeMax = 200

/**
 * Takes the payments that `selectDue` finds through `message`, a batch in a transaction, until no more are due or `stopping` is
 * aborted. Replicas share the work: what one has locked, the others pass over.
 *
 * @param selectDue - SQL that selects and locks `payment_id` and `traceparent`, in the order of ids; takes `parameters` after a limit as `$1`
 */
export async function advanceDue(
  scope: TimerScope,
  selectDue: string,
  parameters: readonly unknown[],
  message: SagaMessage,
  stopping: AbortSignal | undefined,
): Promise<void> {
  for (let found = batchSizeMax; found === batchSizeMax && !stopping?.aborted; )
    found = await advanceBatch(scope, selectDue, parameters, message)
}

/** Returns how many were due. */
async function advanceBatch(
  { database, feed, patience, tracer }: TimerScope,
  selectDue: string,
  parameters: readonly unknown[],
  message: SagaMessage,
): Promise<number> {
  const { due, spans, changed } = await database.transaction(async (em) => {
    const due = await query<DuePayment>(em, selectDue, [batchSizeMax, ...parameters])
    if (due.length === 0) return { due, spans: [], changed: [] }
    const spans = due.map((payment) => tracer?.begin(spanOf(payment, message)))
    const steps = due.map(({ payment_id: paymentId, traceparent }, index) => {
      return {
        paymentId,
        message,
        cause: { traceparent: spans[index]?.traceparent ?? traceparent ?? undefined },
      }
    })
    const { changed, outbox } = await advancePayments(em, steps, patience)
    await appendToOutbox(em, outbox)
    return { due, spans, changed }
  })
  for (const span of spans) span?.end()
  feed.publish(changed)
  return due.length
}

interface DuePayment {
  readonly payment_id: string
  /** Null of a payment that a restore has brought back. */
  readonly traceparent: string | null
}

/** What a timer does for a payment belongs to the payment's trace. */
function spanOf({ payment_id, traceparent }: DuePayment, { type }: SagaMessage): NewSpan {
  return {
    name: `timer ${type}`,
    kind: 'INTERNAL',
    parent: traceparent ?? undefined,
    attributes: { 'boxoffice.payment.id': payment_id },
  }
}
