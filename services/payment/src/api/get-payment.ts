import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type GetPaymentRequest,
  type GetPaymentResponse,
  GetPaymentResponseSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { historyMessage } from '../contract/to-proto.ts'
import { withHistory } from '../storage/read-payments.ts'
import { findOwnPayment } from './find-payment.ts'

/** GetPayment: one payment of the caller with its history. */
export function getPayment(database: Database) {
  return async (request: GetPaymentRequest, call: CallContext): Promise<GetPaymentResponse> => {
    const em = database.em()
    const row = await findOwnPayment(em, request.paymentId, call.subject)
    const [payment] = (await withHistory(em, [row])).map(historyMessage)
    return create(GetPaymentResponseSchema, payment === undefined ? {} : { payment })
  }
}
