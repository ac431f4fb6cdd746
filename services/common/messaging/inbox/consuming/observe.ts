import type { Logger, TopicPartition } from '@boxoffice/kafka'
import { type Circuit, isOpen } from '../assignment/circuit.ts'
import { FencedError } from '../positions/positions.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import type { Slice } from './pool.ts'
import type { TransactionResult } from './process-slices.ts'

/** Counts and logs what a consumer does, with places and errors, but never with keys or payloads. */
export interface ConsumerObserver {
  committed(slices: readonly Slice[], processed: TransactionResult, durationMs: number): void
  /** Messages were passed over outside of a transaction. */
  passedOver(count: number): void
  failed(error: unknown, slices: readonly Slice[]): void
  /** A partition's circuit has opened, has opened again after a trial that failed, or has closed. */
  circuit(at: TopicPartition, circuit: Circuit, coolDownMs: number): void
  stoppedPartitions(count: number): void
  /** A batch did not begin at the offset that this member reads next. */
  offsetMismatch(): void
  /** The positions could not be read from Kafka or from the database. */
  lost(error: unknown): void
  /** The topic was deleted and created again: nothing of the new one is handled until an operator accepts it. */
  recreated(at: TopicPartition): void
  /** Records between these offsets were gone before they had been read. */
  gap(at: TopicPartition, from: bigint, to: bigint): void
  /** The log ends before the consumer's position: nothing is unread, and the log is read again. */
  shorterLog(at: TopicPartition, position: bigint, end: bigint): void
}

export function observeConsumer(consumer: string, metrics: ConsumerMetrics, log: Logger): ConsumerObserver {
  beginAtZero(metrics, consumer)
  return {
    committed(slices, { handled, passedOver, duplicates, putAside }, durationMs) {
      const messages = slices.reduce((sum, slice) => sum + slice.records.length, 0)
      metrics.transactionSeconds.observe({ consumer }, durationMs / 1_000)
      metrics.batchSize.observe({ consumer }, messages)
      const beganAtMs = Date.now() - durationMs
      const receivedAtMs = new Map(
        slices.map(({ waiting: { batch } }) => [`${batch.topic}/${batch.partition}`, batch.receivedAtMs]),
      )
      for (const { topic, partition, appendedAtMs } of handled) {
        const atMs = receivedAtMs.get(`${topic}/${partition}`)
        if (atMs === undefined || appendedAtMs === undefined) continue
        // The broker's clock may be ahead of this one.
        metrics.deliverySeconds.observe({ consumer }, Math.max(0, atMs - appendedAtMs) / 1_000)
        metrics.waitSeconds.observe({ consumer }, Math.max(0, beganAtMs - atMs) / 1_000)
      }
      if (handled.length > 0) metrics.handled.inc({ consumer }, handled.length)
      if (passedOver.length > 0) metrics.passedOver.inc({ consumer }, passedOver.length)
      if (duplicates > 0) metrics.duplicates.inc({ consumer }, duplicates)
      for (const { record, poison } of putAside) {
        metrics.deadLetters.inc({ consumer, reason: poison.reason })
        const { topic, partition, offset } = record
        const place = { consumer, topic, partition, offset: String(offset) }
        if (poison.reason === 'KEY_PARKED') log.warn(place, 'put a message aside behind another of its key')
        else log.error({ ...place, ...poison }, 'put a message aside')
      }
    },
    passedOver(count) {
      metrics.passedOver.inc({ consumer }, count)
    },
    failed(error, slices) {
      if (error instanceof FencedError) {
        metrics.fenced.inc({ consumer })
        log.warn(
          { err: error, consumer },
          'another member or a replay has moved a position: going on from there',
        )
        return
      }
      metrics.retries.inc({ consumer })
      const partitions = slices.map(({ waiting: { partition: at } }) => `${at.topic}/${at.partition}`)
      log.warn({ err: error, consumer, partitions }, 'a transaction failed and is tried again')
    },
    circuit({ topic, partition }, circuit, coolDownMs) {
      const place = { consumer, topic, partition }
      if (!isOpen(circuit)) log.info(place, 'the circuit has closed: the partition flows again')
      else {
        const opened = { ...place, openings: circuit.openings, coolDownMs }
        log.error(opened, 'most recent messages are poison: the circuit is open')
      }
    },
    stoppedPartitions(count) {
      metrics.stopped.set({ consumer }, count)
    },
    offsetMismatch() {
      metrics.offsetMismatches.inc({ consumer })
    },
    lost(error) {
      log.warn({ err: error, consumer }, 'cannot find out yet where this consumer stands, trying again')
    },
    recreated({ topic, partition }) {
      log.error(
        { consumer, topic, partition },
        'the topic was deleted and created again: nothing of it is read until an operator accepts it',
      )
    },
    gap({ topic, partition }, from, to) {
      metrics.gaps.inc({ consumer })
      log.error(
        { consumer, topic, partition, from: String(from), to: String(to) },
        'Kafka no longer has the records that come next: going on from the earliest',
      )
    },
    shorterLog({ topic, partition }, position, end) {
      // It counts as a gap too: other consumers may not have read what the brokers have lost.
      metrics.gaps.inc({ consumer })
      log.error(
        { consumer, topic, partition, position: String(position), end: String(end) },
        'the log ends before the position: reading it again from its beginning',
      )
    },
  }
}

/** A series that begins with its first event hides that event from a query for the increase. */
function beginAtZero(metrics: ConsumerMetrics, consumer: string): void {
  const { handled, passedOver, duplicates, fenced, offsetMismatches, gaps, retries, stopped } = metrics
  for (const counter of [handled, passedOver, duplicates, fenced, offsetMismatches, gaps, retries])
    counter.inc({ consumer }, 0)
  const { batchSize, deliverySeconds, waitSeconds, transactionSeconds } = metrics
  for (const histogram of [batchSize, deliverySeconds, waitSeconds, transactionSeconds])
    histogram.zero({ consumer })
  stopped.set({ consumer }, 0)
}
