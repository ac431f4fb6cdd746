import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type WatchPaymentRequest,
  type WatchPaymentResponse,
  WatchPaymentResponseSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { PaymentFeed } from '../watch/payment-feed.ts'
import { findOwnPayment } from './find-payment.ts'

/** WatchPayment: the stored state and history first, then each transition as it is committed, on any replica. */
export function watchPayment(database: Database, feed: PaymentFeed) {
  return async function* (
    request: WatchPaymentRequest,
    call: CallContext,
  ): AsyncGenerator<WatchPaymentResponse> {
    const { paymentId } = await findOwnPayment(database.em(), request.paymentId, call.subject)
    for await (const payment of feed.stream(paymentId, request.afterSequence, call.signal)) {
      yield create(WatchPaymentResponseSchema, { payment })
    }
  }
}
