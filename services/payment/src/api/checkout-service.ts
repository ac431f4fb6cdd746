import { callUnits } from '@boxoffice/common/admission/limits.ts'
import { implement } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import type { Patience } from '../domain/patience.ts'
import type { PaymentMetrics } from '../metrics.ts'
import type { PaymentFeed } from '../watch/payment-feed.ts'
import { cancelPayment } from './cancel-payment.ts'
import { checkout } from './checkout.ts'
import { getPayment } from './get-payment.ts'
import { listPayments } from './list-payments.ts'
import { watchPayment } from './watch-payment.ts'

/** boxoffice.payment.v1.CheckoutService. */
export function checkoutService(
  database: Database,
  feed: PaymentFeed,
  patience: Patience,
  metrics: Pick<PaymentMetrics, 'accept'>,
) {
  return implement(
    CheckoutService,
    {
      checkout: checkout(database, feed, patience, metrics),
      getPayment: getPayment(database),
      listPayments: listPayments(database),
      watchPayment: watchPayment(database, feed),
      cancelPayment: cancelPayment(database, feed, patience),
    },
    { units: { checkout: callUnits.sharedWrite, listPayments: callUnits.list } },
  )
}
