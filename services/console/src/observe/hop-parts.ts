import type { HopPart, HopPartName } from '../contract/answers.ts'
import { createHistogramWindow } from './histogram-window.ts'
import type { Sample } from './read-metrics.ts'

/** The histogram of each part, in the order in which a checkout passes them. */
const histograms: Readonly<Record<HopPartName, string>> = {
  api: 'boxoffice_checkout_accept_seconds',
  outbox: 'outbox_relay_wait_seconds',
  broker: 'boxoffice_consumer_delivery_seconds',
  wait: 'boxoffice_consumer_wait_seconds',
  handler: 'boxoffice_consumer_transaction_seconds',
}

const windowMs = 60_000

/**
 * Returns a function that takes the services' metrics and returns the times of the parts of a hop in the last minute.
 */
export function createHopParts(): (samples: readonly Sample[], nowMs: number) => HopPart[] {
  const window = createHistogramWindow(Object.values(histograms), windowMs)
  return (samples, nowMs) => {
    window.add(samples, nowMs)
    return Object.entries(histograms).flatMap(([name, histogram]) => {
      const found = window.quantiles(histogram, [0.5, 0.95, 0.99])
      if (found === undefined) return []
      const [p50 = 0, p95 = 0, p99 = 0] = found.map((seconds) => seconds * 1_000)
      return [{ name: name as HopPartName, p50, p95, p99 }]
    })
  }
}
