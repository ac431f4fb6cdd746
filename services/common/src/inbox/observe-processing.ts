import type { Logger } from '../telemetry/log.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import type { Slice } from './pool.ts'
import type { Processed } from './process-slices.ts'

/** Counts what a transaction did, and logs each record that it put aside: its place and what is wrong, never its bytes. */
export function observeProcessing(
  consumer: string,
  metrics: ConsumerMetrics,
  log: Logger,
  process: (slices: readonly Slice[]) => Promise<Processed>,
): (slices: readonly Slice[]) => Promise<void> {
  return async (slices) => {
    const startedAt = performance.now()
    const { handled, duplicates, putAside } = await process(slices)
    metrics.transactionSeconds.observe({ consumer }, (performance.now() - startedAt) / 1_000)
    metrics.batchSize.observe(
      { consumer },
      slices.reduce((sum, slice) => sum + slice.records.length, 0),
    )
    if (handled > 0) metrics.handled.inc({ consumer }, handled)
    if (duplicates > 0) metrics.duplicates.inc({ consumer }, duplicates)
    for (const { record, poison } of putAside) {
      metrics.deadLetters.inc({ consumer, reason: poison.reason })
      const { topic, partition, offset } = record
      const { reason, error, attempts } = poison
      log.error(
        { consumer, topic, partition, offset: String(offset), reason, error, attempts },
        'put a message aside',
      )
    }
  }
}
