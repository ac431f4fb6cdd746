import type { RememberedRequest } from '@boxoffice/common/grpc/request-id.ts'
import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import { type Payment, statusOf } from '../domain/payment.ts'
import { findOwnPayment } from './find-payment.ts'
import type { PaymentParts } from './payment-parts.ts'

/**
 * Fails a PENDING payment at once, once for each request id; points that were taken come back. One that was cancelled stays so.
 *
 * @param request - its subject is the user, and its resource the payment
 * @param traceparent - W3C trace context of the call
 * @throws ApiError NOT_FOUND if the user has no such payment, FAILED_PRECONDITION if it is not PENDING; the request is not
 * remembered then
 */
export function cancelPayment<Tx>(
  { store, saga }: Pick<PaymentParts<Tx>, 'store' | 'saga'>,
  request: RememberedRequest,
  traceparent: string,
): Promise<Payment> {
  const { subject: userId, resourceId } = request
  return saga.run<Payment>(async (tx, advance) => {
    const { paymentId } = await findOwnPayment(store, tx, { paymentId: resourceId, userId })
    // Read again: a repeat has waited here for the first one's commit.
    if ((await store.rememberRequest(tx, request)) === 'repeated')
      return findOwnPayment(store, tx, { paymentId, userId })
    const step = { sagaId: paymentId, message: { type: 'CANCEL_REQUESTED' }, cause: { traceparent } } as const
    const { changed, decisions } = await advance([step])
    const [cancelled] = changed
    if (cancelled !== undefined) return cancelled
    const payment = decisions[0]?.state
    // Also by a request that a restore has not brought back: the payment alone says that it was cancelled.
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
