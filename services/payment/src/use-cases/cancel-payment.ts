import type { RememberedRequest } from '@boxoffice/common/grpc/request-id.ts'
import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import { type Payment, statusOf } from '../domain/payment.ts'
import { findOwnPayment } from './find-payment.ts'
import type { PaymentParts } from './payment-parts.ts'

/**
 * Fails a PENDING payment at once, once for each request id. Taken points are refunded. A cancelled payment stays as
 * it is.
 *
 * @param request - its subject is the user, and its resource the payment
 * @param traceparent - W3C trace context of the call
 * @throws ApiError NOT_FOUND if the user has no such payment, FAILED_PRECONDITION if it is not PENDING. The request is
 * not remembered in either case
 */
export function cancelPayment<Tx>(
  { store, saga }: Pick<PaymentParts<Tx>, 'store' | 'saga'>,
  request: RememberedRequest,
  traceparent: string,
): Promise<Payment> {
  const { subject: userId, resourceId } = request
  return saga.run<Payment>(async (tx, advance) => {
    const { paymentId } = await findOwnPayment(store, tx, { paymentId: resourceId, userId })
    // Remembering waits for the commit of a concurrent repeat, so the payment is read again after it.
    if ((await store.rememberRequest(tx, request)) === 'repeated')
      return findOwnPayment(store, tx, { paymentId, userId })
    const step = { sagaId: paymentId, message: { type: 'CANCEL_REQUESTED' }, cause: { traceparent } } as const
    const { changed, decisions } = await advance([step])
    const [cancelled] = changed
    if (cancelled !== undefined) return cancelled
    const payment = decisions[0]?.state
    // The payment alone says that it was cancelled, also for a request that a restore has not brought back.
    if (payment?.failureReason === 'CANCELLED') return payment
    throw notPending(paymentId, payment)
  })
}

function notPending(paymentId: string, payment: Payment | undefined) {
  const status = payment === undefined ? 'unknown' : statusOf(payment)
  return apiError(
    Code.FAILED_PRECONDITION,
    ErrorReason.PAYMENT_NOT_PENDING,
    `payment ${paymentId} is ${status}; only a PENDING payment can be cancelled`,
  )
}
