import { callOf } from '@boxoffice/common/grpc/request-id.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import {
  type CancelPaymentRequest,
  CancelPaymentRequestSchema,
  type CancelPaymentResponse,
  CancelPaymentResponseSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { toPaymentMessage } from '../contract/to-proto.ts'
import { cancelPayment } from '../use-cases/cancel-payment.ts'
import type { PaymentParts } from '../use-cases/payment-parts.ts'

/** CancelPayment: fails a PENDING payment at once; taken points are refunded. A cancelled payment stays as it is. */
export function cancelPaymentOnce(parts: PaymentParts) {
  return async (request: CancelPaymentRequest, call: CallContext): Promise<CancelPaymentResponse> => {
    const cancel = callOf(CancelPaymentRequestSchema, request, {
      subject: call.subject,
      resourceId: request.paymentId,
    })
    const payment = await cancelPayment(parts, cancel, call.traceparent)
    return create(CancelPaymentResponseSchema, { payment: toPaymentMessage(payment) })
  }
}
