import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { NewSpan, Span, Tracer } from '@boxoffice/messaging/telemetry'
import type { SagaMessage } from '../domain/saga.ts'
import type { DuePayment } from '../storage/select-due.ts'
import type { PaymentParts } from './payment-parts.ts'

/** What a timer works with. */
export interface TimerScope<Tx = EntityManager>
  extends Pick<PaymentParts<Tx>, 'database' | 'store' | 'saga'> {
  readonly tracer?: Tracer | undefined
}

/** Payments that one transaction takes on. */
export const batchSizeMax = 200

/**
 * Takes the payments that are due through `message`, a batch in a transaction, until no more are due or `stopping` is aborted.
 *
 * @param lockDue - selects and locks payments in the order of their ids, and passes over those that are locked
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

/** What a timer does for a payment belongs to the payment's trace. */
function spanOf({ paymentId, traceparent }: DuePayment, { type }: SagaMessage): NewSpan {
  return {
    name: `timer ${type}`,
    kind: 'INTERNAL',
    parent: traceparent ?? undefined,
    attributes: { 'boxoffice.payment.id': paymentId },
  }
}
