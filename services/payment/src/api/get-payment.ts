import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type GetPaymentRequest,
  type GetPaymentResponse,
  GetPaymentResponseSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { historyMessage } from '../contract/to-proto.ts'
import { readPayment } from '../use-cases/read-payment.ts'

/** GetPayment: one payment of the caller with its history. */
export function getPayment(database: Pick<Database, 'em'>) {
  return async (request: GetPaymentRequest, call: CallContext): Promise<GetPaymentResponse> => {
    const found = await readPayment(database, { paymentId: request.paymentId, userId: call.subject })
    return create(GetPaymentResponseSchema, found === undefined ? {} : { payment: historyMessage(found) })
  }
}
