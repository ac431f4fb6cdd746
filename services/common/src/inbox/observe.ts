import type { TopicPartition } from '../kafka/consumed-record.ts'
import type { Logger } from '../telemetry/log.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import type { Slice } from './pool.ts'
import { FencedError } from './positions.ts'
import type { Processed } from './process-slices.ts'

/** Counts and logs what a consumer does: places and what is wrong, never keys or payloads. */
export interface ConsumerObserver {
  committed(slices: readonly Slice[], processed: Processed, durationMs: number): void
  failed(error: unknown, slices: readonly Slice[]): void
  /** A batch did not begin where the consumer stands. */
  misplaced(): void
  /** Kafka cannot be asked, or the database, where a consumer stands. */
  lost(error: unknown): void
  /** Records between these offsets were gone before they had been read. */
  gap(at: TopicPartition, from: bigint, to: bigint): void
}

export function observeConsumer(consumer: string, metrics: ConsumerMetrics, log: Logger): ConsumerObserver {
  return {
    committed(slices, { handled, duplicates, putAside }, durationMs) {
      const messages = slices.reduce((sum, slice) => sum + slice.records.length, 0)
      metrics.transactionSeconds.observe({ consumer }, durationMs / 1_000)
      metrics.batchSize.observe({ consumer }, messages)
      if (handled > 0) metrics.handled.inc({ consumer }, handled)
      if (duplicates > 0) metrics.duplicates.inc({ consumer }, duplicates)
      for (const { record, poison } of putAside) {
        metrics.deadLetters.inc({ consumer, reason: poison.reason })
        const { topic, partition, offset } = record
        log.error({ consumer, topic, partition, offset: String(offset), ...poison }, 'put a message aside')
      }
    },
    failed(error, slices) {
      if (error instanceof FencedError) {
        metrics.fenced.inc({ consumer })
        log.warn({ err: error, consumer }, 'somebody else has moved a position, going on from there')
        return
      }
      metrics.retries.inc({ consumer })
      const partitions = slices.map(({ waiting: { partition: at } }) => `${at.topic}/${at.partition}`)
      log.warn({ err: error, consumer, partitions }, 'a transaction failed and is tried again')
    },
    misplaced() {
      metrics.misplaced.inc({ consumer })
    },
    lost(error) {
      log.warn({ err: error, consumer }, 'cannot find out yet where this consumer stands, trying again')
    },
    gap({ topic, partition }, from, to) {
      metrics.gaps.inc({ consumer })
      log.error(
        { consumer, topic, partition, from: String(from), to: String(to) },
        'Kafka no longer has the records at the stored position: going on from the earliest',
      )
    },
  }
}
