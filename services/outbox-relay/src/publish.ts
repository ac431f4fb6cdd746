import type { VerifiedProducer } from '@boxoffice/common/kafka/verified-producer.ts'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { Tracer } from '@boxoffice/common/telemetry/tracer.ts'
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
}

/** Sends rows to Kafka, one batch at a time, and parks what Kafka will never take. */
export class Publisher {
  readonly #parts: PublisherParts
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: PublisherParts) {
    this.#parts = parts
  }

  /**
   * Publishes rows, after the batches before it. When it returns, each row is in Kafka or parked.
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
    const { producer, parked, metrics, tracer } = this.#parts
    const { free, waiting } = await parked.split(rows)
    const trace = traceRows(tracer, free)
    const { published, refused, heldBack } = await producer.send(free, signal)
    const acknowledgedAtMs = Date.now()
    trace.end(published)
    const toPark: RowToPark[] = [
      ...refused.map(({ record, reason }) => ({ row: record, error: reason })),
      ...heldBack.map((row) => ({ row, error: 'KEY_PARKED' })),
      ...waiting,
    ]
    if (toPark.length > 0) await this.#park(toPark)
    metrics.published.inc(published.length)
    for (const { committedAtMs } of published) {
      // The clocks are of two machines.
      if (committedAtMs === undefined) continue
      metrics.waitSeconds.observe(Math.max(0, acknowledgedAtMs - committedAtMs) / 1_000)
    }
    if (published.length > 0) metrics.batchRows.observe(published.length)
    return published.map((row) => row.id)
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
