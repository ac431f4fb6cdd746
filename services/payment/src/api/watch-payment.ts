import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type WatchPaymentRequest,
  type WatchPaymentResponse,
  WatchPaymentResponseSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { checkOwnPayment } from '../use-cases/read-payment.ts'
import type { PaymentFeed } from '../watch/payment-feed.ts'

/** WatchPayment: the stored state and history first, then each transition as it is committed, on any replica. */
export function watchPayment(database: Pick<Database, 'em'>, feed: PaymentFeed) {
  return async function* (
    request: WatchPaymentRequest,
    call: CallContext,
  ): AsyncGenerator<WatchPaymentResponse> {
    const wanted = { paymentId: request.paymentId, userId: call.subject }
    const paymentId = await checkOwnPayment(database, wanted)
    for await (const payment of feed.stream(paymentId, request.afterSequence, call.signal)) {
      yield create(WatchPaymentResponseSchema, { payment })
    }
  }
}
