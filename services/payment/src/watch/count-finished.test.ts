import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { expect } from 'chai'
import { acceptPayment, type Payment } from '../domain/payment.ts'
import { createPaymentMetrics } from '../metrics.ts'
import { countFinished } from './count-finished.ts'
import { createPaymentFeed } from './payment-feed.ts'

describe('payments that become final', () => {
  const accepted = acceptPayment(
    { paymentId: 'a payment', userId: 'ada', reservationId: 'a reservation', amount: 100n },
    new Date(1_000),
    new Date(60_000),
  )
  const payment = (facts: Partial<Payment>): Payment => ({
    ...accepted,
    sequence: 2,
    updatedAt: new Date(3_000),
    ...facts,
  })

  it('are counted by outcome, with their durations, and still published to the watchers', async () => {
    const metrics = createMetrics('payment')
    const published: Payment[] = []
    const feed = {
      ...createPaymentFeed(async () => []),
      publish: (all: readonly Payment[]) => void published.push(...all),
    }
    const payments = [
      payment({ points: 'TAKEN' }),
      payment({ points: 'TAKEN', seats: 'SOLD' }),
      payment({ points: 'REFUSED', failureReason: 'UNKNOWN_WALLET' }),
      payment({ points: 'TAKEN', refund: 'PENDING', failureReason: 'TIMED_OUT' }),
      payment({ points: 'TAKEN', refund: 'DONE', failureReason: 'TIMED_OUT', updatedAt: new Date(0) }),
    ]
    countFinished(feed, createPaymentMetrics(metrics)).publish(payments)

    const lines = (await metrics.registry.metrics()).split('\n')
    const shown = (name: string) => lines.filter((line) => line.startsWith(name)).map(withoutService)
    expect(shown('boxoffice_payment_duration_seconds_sum')).to.deep.equal([
      'boxoffice_payment_duration_seconds_sum{outcome="COMPLETED"} 2',
      'boxoffice_payment_duration_seconds_sum{outcome="FAILED"} 2',
      'boxoffice_payment_duration_seconds_sum{outcome="REFUNDED"} 0',
    ])
    expect(shown('boxoffice_payments_failed_total')).to.deep.equal([
      'boxoffice_payments_failed_total{reason="UNKNOWN_WALLET"} 1',
      'boxoffice_payments_failed_total{reason="TIMED_OUT"} 1',
    ])
    expect(published).to.deep.equal(payments)
  })
})

function withoutService(line: string): string {
  return line.replace(/,?service="payment",?/, '')
}
