import { deriveResourceId } from '@boxoffice/common/grpc/resource-id.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import {
  type CheckoutRequest,
  type CheckoutResponse,
  CheckoutResponseSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { durationMs } from '@bufbuild/protobuf/wkt'
import { toPaymentMessage } from '../contract/to-proto.ts'
import type { CheckoutRefusal, Payment } from '../domain/payment.ts'
import type { PaymentMetrics } from '../metrics.ts'
import { createPaymentAcceptor, type NewPayment } from '../use-cases/accept-payments.ts'
import type { PaymentParts } from '../use-cases/payment-parts.ts'
import type { PaymentFeed } from '../watch/payment-feed.ts'
import { checkoutRefused } from './checkout-refused.ts'
import { waitForFinal } from './wait-for-final.ts'

/** Checkout: accepts a payment, once for each request id, and waits for its final state if the caller asks for it. */
export function checkout(parts: PaymentParts, feed: PaymentFeed, metrics: Pick<PaymentMetrics, 'accept'>) {
  const accept = createPaymentAcceptor(parts)
  return async (request: CheckoutRequest, call: CallContext): Promise<CheckoutResponse> => {
    const wanted: NewPayment = {
      paymentId: deriveResourceId(call.subject, request.requestId),
      userId: call.subject,
      reservationId: request.reservationId,
      amount: request.amount,
      traceparent: call.traceparent,
    }
    const accepted = async () => {
      const end = metrics.accept.startTimer()
      const payment = asWanted(await accept(wanted, call.signal), wanted)
      end()
      return payment
    }
    const waitMs = request.wait === undefined ? 0 : durationMs(request.wait)
    const payment =
      waitMs === 0
        ? toPaymentMessage(await accepted())
        : await waitForFinal(feed, wanted.paymentId, waitMs, call, accepted)
    return create(CheckoutResponseSchema, { payment })
  }
}

/** Returns the payment of this request, new or repeated. A repeated request id with other fields is refused. */
function asWanted(payment: Payment | CheckoutRefusal, wanted: NewPayment): Payment {
  if ('reason' in payment) throw checkoutRefused(payment, wanted.reservationId)
  if (payment.reservationId === wanted.reservationId && payment.amount === wanted.amount) return payment
  throw apiError(
    Code.ALREADY_EXISTS,
    ErrorReason.REQUEST_ID_REUSED,
    'this request id was used for another checkout; draw a new one for each intention to pay',
  )
}
