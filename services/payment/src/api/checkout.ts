import { apiError, Code, ErrorReason } from '@boxoffice/common/grpc/errors.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import { appendToOutbox } from '@boxoffice/common/outbox/append.ts'
import { deriveResourceId } from '@boxoffice/common/outbox/message-id.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { isUniqueViolation } from '@boxoffice/common/postgres/errors.ts'
import type {
  CheckoutRequest,
  CheckoutResponse,
} from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { CheckoutResponseSchema } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { durationMs } from '@bufbuild/protobuf/wkt'
import { commandMessage, startedBy, transitionMessage } from '../contract/outgoing.ts'
import { toPaymentMessage } from '../contract/to-proto.ts'
import type { Payment } from '../domain/payment.ts'
import { PaymentEntity } from '../storage/entities.ts'
import { insertPayment, type NewPayment, type Patience } from '../storage/insert-payment.ts'
import type { PaymentFeed } from '../watch/payment-feed.ts'
import { waitForFinal } from './wait-for-final.ts'

/** Checkout: accepts a payment, once for each request id, and waits for its end if the caller asks for that. */
export function checkout(database: Database, feed: PaymentFeed, patience: Patience) {
  return async (request: CheckoutRequest, call: CallContext): Promise<CheckoutResponse> => {
    const wanted: NewPayment = {
      paymentId: deriveResourceId(call.subject, request.requestId),
      userId: call.subject,
      reservationId: request.reservationId.toLowerCase(),
      amount: request.amount,
    }
    const waitMs = request.wait === undefined ? 0 : durationMs(request.wait)
    const accepted = () => accept(database, wanted, patience, call)
    const payment =
      waitMs === 0
        ? toPaymentMessage(await accepted())
        : await waitForFinal(feed, wanted.paymentId, waitMs, call, accepted)
    return create(CheckoutResponseSchema, { payment })
  }
}

async function accept(
  database: Database,
  wanted: NewPayment,
  patience: Patience,
  call: CallContext,
): Promise<Payment> {
  try {
    return await database.transaction(async (em) => {
      const payment = await insertPayment(em, wanted, patience)
      if (payment === undefined)
        return sameRequest(await em.findOneOrFail(PaymentEntity, { paymentId: wanted.paymentId }), wanted)
      const cause = startedBy(payment, call.traceparent)
      await appendToOutbox(em, [
        transitionMessage(payment, 'PENDING', cause),
        commandMessage(payment, 'USE_POINTS', cause),
      ])
      return payment
    })
  } catch (error) {
    if (!isUniqueViolation(error, 'payment_one_unfailed')) throw error
    throw apiError(
      Code.FAILED_PRECONDITION,
      ErrorReason.RESERVATION_IN_PAYMENT,
      `a payment for reservation ${wanted.reservationId} is under way or has completed`,
    )
  }
}

/** The payment that the same request made before; a request id that comes back with other fields is refused. */
function sameRequest(payment: Payment, wanted: NewPayment): Payment {
  if (payment.reservationId === wanted.reservationId && payment.amount === wanted.amount) return payment
  throw apiError(
    Code.ALREADY_EXISTS,
    ErrorReason.REQUEST_ID_REUSED,
    'this request id was used for another checkout; draw a new one for each intention to pay',
  )
}
