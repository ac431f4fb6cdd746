import type { Client } from '@boxoffice/common/grpc/client.ts'
import type { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import {
  type PaymentAcceptedEvent,
  PaymentAcceptedEventSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_events_pb.ts'
import {
  FailureReasonSchema,
  type Payment,
  PaymentStatusSchema,
  RefundStateSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { fromBinary } from '@bufbuild/protobuf'
import { nameOf } from '../../support/name-of.ts'
import { type History, isRefusal, nameOf as nameOfError } from '../history.ts'

/** The state of a payment that a client or a reader of payment-events saw. */
export interface Seen {
  readonly paymentId: string
  readonly sequence: number
  readonly status: string
  readonly refund: string
  readonly reason: string
  readonly final: boolean
}

export function stateOf(payment: Payment): Seen & Readonly<Record<string, unknown>> {
  return {
    paymentId: payment.paymentId,
    sequence: payment.sequence,
    status: nameOf(PaymentStatusSchema, payment.status),
    refund: nameOf(RefundStateSchema, payment.refund),
    reason: nameOf(FailureReasonSchema, payment.failureReason),
    final: payment.final,
  }
}

/** Every event of payment-events has the payment as its first field, and nothing else. */
export function paymentOf(value: Buffer): Seen {
  const { payment }: PaymentAcceptedEvent = fromBinary(PaymentAcceptedEventSchema, value)
  if (payment === undefined) throw new Error('an event without a payment')
  return stateOf(payment)
}

const watchMsMax = 10_000

/**
 * Watches a payment until it is final or the stream breaks, and records every state. Returns the last sequence, and
 * whether no further state will come.
 */
export async function watch(
  history: History,
  client: string,
  payments: Client<typeof CheckoutService>,
  paymentId: string,
  afterSequence: number,
): Promise<{ readonly sequence: number; readonly over: boolean }> {
  const operation = history.begin(client, 'watch', { paymentId, afterSequence })
  const seen: (Seen & { readonly atMs: number })[] = []
  let refused = false
  try {
    for await (const { payment } of payments.watchPayment(
      { paymentId, afterSequence },
      { deadlineMs: watchMsMax },
    )) {
      if (payment === undefined) continue
      seen.push({ ...stateOf(payment), atMs: history.nowMs() })
      if (payment.final) break
    }
    history.end(operation, 'ok', { seen })
  } catch (error) {
    // States that came before the stream broke count as answers.
    refused = isRefusal(error)
    history.end(operation, refused ? 'failed' : 'unknown', { seen }, nameOfError(error))
  }
  const last = seen.at(-1)
  return { sequence: last?.sequence ?? afterSequence, over: refused || last?.final === true }
}
