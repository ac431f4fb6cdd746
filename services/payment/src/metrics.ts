import {
  type Counter,
  type Gauge,
  type Histogram,
  hopBuckets,
  type Metrics,
} from '@boxoffice/common/telemetry/metrics.ts'

export interface PaymentMetrics {
  readonly accept: Histogram
  readonly duration: Histogram<'outcome'>
  readonly failed: Counter<'reason'>
  readonly inFlight: Gauge<'step'>
  readonly stuck: Gauge<'step'>
  readonly oldestSeconds: Gauge<'step'>
}

export function createPaymentMetrics(metrics: Metrics): PaymentMetrics {
  return {
    accept: metrics.histogram({
      name: 'boxoffice_checkout_accept_seconds',
      help: 'From the call of a checkout to the commit that accepts it, or that finds it accepted',
      buckets: hopBuckets,
    }),
    duration: metrics.histogram({
      name: 'boxoffice_payment_duration_seconds',
      help: 'From the checkout to the final state, by outcome: COMPLETED, FAILED, or REFUNDED where points came back',
      labelNames: ['outcome'],
      buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    }),
    failed: metrics.counter({
      name: 'boxoffice_payments_failed_total',
      help: 'Payments whose end is FAILED, by the reason',
      labelNames: ['reason'],
    }),
    inFlight: metrics.gauge({
      name: 'boxoffice_payments_in_flight',
      help: 'Payments that are not final, by the command whose answer they wait for; the same on every replica',
      labelNames: ['step'],
    }),
    stuck: metrics.gauge({
      name: 'boxoffice_payments_stuck',
      help: 'Payments that are not final after STUCK_AFTER_MS, by the command whose answer they wait for',
      labelNames: ['step'],
    }),
    oldestSeconds: metrics.gauge({
      name: 'boxoffice_payment_oldest_in_flight_seconds',
      help: 'Age of the oldest payment that is not final, by the command whose answer it waits for; 0 without one',
      labelNames: ['step'],
    }),
  }
}
