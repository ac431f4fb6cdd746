import { isFinal, type Payment, statusOf } from '../domain/payment.ts'
import type { PaymentMetrics } from '../metrics.ts'
import type { PaymentFeed } from './payment-feed.ts'

/** A feed that also counts the payments that this replica has made final, and measures how long they took. */
export function countFinished(
  feed: PaymentFeed,
  { duration, failed }: Pick<PaymentMetrics, 'duration' | 'failed'>,
): PaymentFeed {
  return {
    ...feed,
    publish(payments) {
      for (const payment of payments) {
        if (!isFinal(payment)) continue
        // createdAt is the database's time and updatedAt this process's: the two clocks may differ a little.
        const ms = Math.max(0, payment.updatedAt.getTime() - payment.createdAt.getTime())
        duration.observe({ outcome: outcomeOf(payment) }, ms / 1_000)
        if (payment.failureReason !== null) failed.inc({ reason: payment.failureReason })
      }
      feed.publish(payments)
    },
  }
}

function outcomeOf(payment: Payment): 'COMPLETED' | 'FAILED' | 'REFUNDED' {
  if (statusOf(payment) === 'COMPLETED') return 'COMPLETED'
  return payment.refund === 'DONE' ? 'REFUNDED' : 'FAILED'
}
