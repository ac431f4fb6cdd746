import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { VerifiedProducer } from '@boxoffice/kafka'
import type { Tracer } from '@boxoffice/messaging/telemetry'
import { DeferredRows } from './deferred-rows.ts'
import { withoutMalformed } from './malformed-rows.ts'
import type { RelayMetrics } from './metrics.ts'
import type { OutboxRow } from './outbox-row.ts'
import type { ParkedRows, RowToPark } from './parked-rows.ts'
import { traceRows } from './trace-rows.ts'

export interface PublisherParts {
  readonly producer: VerifiedProducer
  readonly parked: ParkedRows
  readonly metrics: RelayMetrics
  readonly log: Logger
  readonly tracer?: Tracer | undefined
  /** The time for which a topic may be missing or forbidden before its rows are parked, in milliseconds. */
  readonly patienceMs: number
  /** The bytes of rows waiting for such topics from which on no more rows should come. */
  readonly deferredBytesMax: number
}

/** Sends rows to Kafka, one batch at a time, and parks rows that Kafka will never accept. */
export class Publisher {
  readonly #parts: PublisherParts
  readonly #deferred: DeferredRows
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: PublisherParts) {
    this.#parts = parts
    this.#deferred = new DeferredRows(parts.patienceMs)
  }

  /** The number of rows that wait for their topic. */
  get deferred(): number {
    return this.#deferred.count
  }

  /** Whether the row waits for its topic: nothing after it in the log may be confirmed. */
  isDeferred(row: OutboxRow): boolean {
    return this.#deferred.has(row)
  }

  /** Whether so much waits that it should be published or parked before more is read. */
  get isFull(): boolean {
    return this.#deferred.bytes >= this.#parts.deferredBytesMax
  }

  /**
   * Publishes rows, after the batches before them, and tries waiting rows again. When it returns, each row is in
   * Kafka, is parked, or is {@link deferred}. Call it without rows now and then, so that deferred rows are published
   * or parked.
   *
   * @returns the ids that are in Kafka, which may be deleted
   * @throws KafkaUnavailableError; rows may have been published and will be again
   */
  publish(rows: readonly OutboxRow[], signal: AbortSignal): Promise<string[]> {
    const publishing = this.#turn.then(() => this.#publish(rows, signal))
    this.#turn = publishing.catch(() => {})
    return publishing
  }

  async #publish(rows: readonly OutboxRow[], signal: AbortSignal): Promise<string[]> {
    const { free: unparked, waiting: behindParked } = await this.#parts.parked.split(rows)
    const { free, toPark: malformed } = withoutMalformed(unparked)
    const waiting = [...behindParked, ...malformed]
    const now = performance.now()
    const published: string[] = []
    // Each refused topic is sent by itself, so that it cannot make other rows repeat.
    for (const group of [this.#deferred.keep(free), ...this.#deferred.due(now)]) {
      if (group.length > 0) published.push(...(await this.#send(group, signal)))
    }
    if (waiting.length > 0) await this.#park(waiting)
    return published
  }

  async #send(rows: readonly OutboxRow[], signal: AbortSignal): Promise<string[]> {
    const { producer, metrics, tracer } = this.#parts
    const trace = traceRows(tracer, rows)
    const { published, rejected, skipped, deferred } = await producer.send(rows, signal)
    const acknowledgedAtMs = Date.now()
    this.#warnOfRefused(deferred)
    const toPark: RowToPark[] = [
      ...rejected.map(({ record, reason }) => ({ row: record, error: reason })),
      ...skipped.map((row) => ({ row, error: 'KEY_PARKED' })),
      ...this.#deferred.settle(rows, deferred, performance.now()),
    ]
    trace.end(
      published,
      toPark.map(({ row }) => row),
    )
    if (toPark.length > 0) await this.#park(toPark)
    metrics.published.inc(published.length)
    for (const { committedAtMs } of published) {
      // PostgreSQL's clock may be ahead of this one.
      if (committedAtMs === undefined) continue
      metrics.waitSeconds.observe(Math.max(0, acknowledgedAtMs - committedAtMs) / 1_000)
    }
    if (published.length > 0) metrics.batchRows.observe(published.length)
    return published.map((row) => row.id)
  }

  /** Logs once that a topic begins to be refused. */
  #warnOfRefused(deferred: Awaited<ReturnType<VerifiedProducer['send']>>['deferred']): void {
    const reasons = new Map(deferred.map(({ record, reason }) => [record.topic, reason]))
    for (const [topic, error] of reasons) {
      if (!this.#deferred.waitsFor(topic)) this.#parts.log.warn({ topic, error }, 'a topic takes nothing')
    }
  }

  async #park(rows: readonly RowToPark[]): Promise<void> {
    await this.#parts.parked.park(rows)
    this.#parts.metrics.parked.inc(rows.length)
    for (const { row, error } of rows) {
      const key = row.key?.toString('base64') ?? null
      this.#parts.log.error(
        { id: row.id, topic: row.topic, key, bytes: row.bytes, error },
        'parked a message',
      )
    }
  }
}
