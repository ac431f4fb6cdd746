import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { NewSpan, Span, Tracer } from '@boxoffice/messaging/telemetry'
import type { SagaMessage } from '../domain/saga.ts'
import type { DuePayment } from '../storage/select-due.ts'
import type { PaymentParts } from './payment-parts.ts'

/** What the timers work with. */
export interface TimerScope<Tx = EntityManager>
  extends Pick<PaymentParts<Tx>, 'database' | 'store' | 'saga'> {
  readonly tracer?: Tracer | undefined
}

/** The number of payments that one transaction handles. */
export const batchSizeMax = 200

/**
 * Applies `message` to the payments that are due, a batch in each transaction, until none are due or `stopping` is
 * aborted.
 *
 * @param lockDue - selects and locks payments in the order of their ids, and skips those that are locked
 */
export async function advanceDue<Tx>(
  { saga, tracer }: Pick<TimerScope<Tx>, 'saga' | 'tracer'>,
  lockDue: (tx: Tx, limit: number) => Promise<DuePayment[]>,
  message: SagaMessage,
  stopping: AbortSignal | undefined,
): Promise<void> {
  const spans = new Map<DuePayment, Span | undefined>()
  const timer = {
    lockDue,
    batchSizeMax,
    stepOf(due: DuePayment) {
      const span = tracer?.begin(spanOf(due, message))
      spans.set(due, span)
      const traceparent = span?.traceparent ?? due.traceparent ?? undefined
      return { sagaId: due.paymentId, message, cause: { traceparent } }
    },
  }
  await saga.wakeDue(timer, stopping, (batch) => {
    for (const due of batch) spans.get(due)?.end()
    spans.clear()
  })
}

/** The span of a timer's work on a payment; it belongs to the payment's trace. */
function spanOf({ paymentId, traceparent }: DuePayment, { type }: SagaMessage): NewSpan {
  return {
    name: `timer ${type}`,
    kind: 'INTERNAL',
    parent: traceparent ?? undefined,
    attributes: { 'boxoffice.payment.id': paymentId },
  }
}
