import { fingerprintOf, rememberRequest } from '@boxoffice/common/grpc/request-id.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import { appendToOutbox } from '@boxoffice/common/outbox/append.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import {
  type CancelPaymentRequest,
  CancelPaymentRequestSchema,
  type CancelPaymentResponse,
  CancelPaymentResponseSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { EntityManager } from '@mikro-orm/postgresql'
import { toPaymentMessage } from '../contract/to-proto.ts'
import type { Patience } from '../domain/patience.ts'
import { type Payment, statusOf } from '../domain/payment.ts'
import { advancePayments } from '../storage/advance-payments.ts'
import type { PaymentFeed } from '../watch/payment-feed.ts'
import { findOwnPayment } from './find-payment.ts'

/** CancelPayment: fails a PENDING payment at once; points that were taken come back. One that was cancelled stays so. */
export function cancelPayment(database: Database, feed: PaymentFeed, patience: Patience) {
  return async (request: CancelPaymentRequest, call: CallContext): Promise<CancelPaymentResponse> => {
    const { payment, changed } = await database.transaction(async (em) => {
      const { paymentId } = await findOwnPayment(em, request.paymentId, call.subject)
      const seen = await rememberRequest(em, {
        subject: call.subject,
        method: 'CancelPayment',
        requestId: request.requestId,
        fingerprint: fingerprintOf(CancelPaymentRequestSchema, request),
        resourceId: paymentId,
      })
      // Read again: a repeat has waited here for the first one's commit.
      if (seen === 'repeated')
        return { payment: await findOwnPayment(em, paymentId, call.subject), changed: [] }
      return cancel(em, paymentId, patience, call)
    })
    // Each state is told once: what is told of is also counted.
    feed.publish(changed)
    return create(CancelPaymentResponseSchema, { payment: toPaymentMessage(payment) })
  }
}

interface Cancelled {
  readonly payment: Payment
  /** It, if this call has cancelled it. */
  readonly changed: readonly Payment[]
}

async function cancel(
  em: EntityManager,
  paymentId: string,
  patience: Patience,
  call: CallContext,
): Promise<Cancelled> {
  const step = {
    paymentId,
    message: { type: 'CANCEL_REQUESTED' },
    cause: { traceparent: call.traceparent },
  } as const
  const { changed, decisions, outbox } = await advancePayments(em, [step], patience)
  const [cancelled] = changed
  if (cancelled === undefined) {
    const payment = decisions[0]?.payment
    // Also by a request that a restore has not brought back: cancelling is told by the payment alone.
    if (payment?.failureReason === 'CANCELLED') return { payment, changed }
    const status = payment === undefined ? 'unknown' : statusOf(payment)
    throw apiError(
      Code.FAILED_PRECONDITION,
      ErrorReason.PAYMENT_NOT_PENDING,
      `payment ${paymentId} is ${status}; only a PENDING payment can be cancelled`,
    )
  }
  await appendToOutbox(em, outbox)
  return { payment: cancelled, changed }
}
