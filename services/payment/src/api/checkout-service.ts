import { callUnits } from '@boxoffice/common/admission/limits.ts'
import { implement } from '@boxoffice/common/grpc/server.ts'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import type { PaymentMetrics } from '../metrics.ts'
import type { PaymentParts } from '../use-cases/payment-parts.ts'
import type { PaymentFeed } from '../watch/payment-feed.ts'
import { cancelPaymentOnce } from './cancel-payment.ts'
import { checkout } from './checkout.ts'
import { getPayment } from './get-payment.ts'
import { listOwnPayments } from './list-payments.ts'
import { watchPayment } from './watch-payment.ts'

/** boxoffice.payment.v1.CheckoutService. */
export function checkoutService(
  parts: PaymentParts,
  feed: PaymentFeed,
  metrics: Pick<PaymentMetrics, 'accept'>,
) {
  const { database } = parts
  return implement(
    CheckoutService,
    {
      checkout: checkout(parts, feed, metrics),
      getPayment: getPayment(database),
      listPayments: listOwnPayments(database),
      watchPayment: watchPayment(database, feed),
      cancelPayment: cancelPaymentOnce(parts),
    },
    { units: { checkout: callUnits.sharedWrite, listPayments: callUnits.list } },
  )
}
