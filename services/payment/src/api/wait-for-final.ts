import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Payment as PaymentMessage } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { toPaymentMessage } from '../contract/to-proto.ts'
import type { Payment } from '../domain/payment.ts'
import type { PaymentFeed } from '../watch/payment-feed.ts'

/**
 * Waits until a payment is final, and returns the newest state seen. It returns earlier when `waitMs` have passed, the
 * caller leaves or the server drains.
 *
 * @param accept - commits the payment; called after the watch has begun, so that no state is missed
 */
export async function waitForFinal(
  feed: PaymentFeed,
  paymentId: string,
  waitMs: number,
  call: CallContext,
  accept: () => Promise<Payment>,
): Promise<PaymentMessage> {
  const watcher = feed.watch(paymentId)
  const enough = new AbortController()
  const stop = () => enough.abort()
  const timer = setTimeout(stop, waitMs)
  const signals = [call.signal, call.draining]
  for (const signal of signals) {
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  }
  try {
    let payment = toPaymentMessage(await accept())
    call.yieldTurn()
    while (!payment.final) {
      const newer = await watcher.newerThan(payment.sequence, enough.signal)
      if (newer === undefined) break
      payment = newer
    }
    return payment
  } finally {
    clearTimeout(timer)
    for (const signal of signals) signal.removeEventListener('abort', stop)
    watcher.close()
  }
}
