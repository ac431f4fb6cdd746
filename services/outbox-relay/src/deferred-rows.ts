import type { OutboxRow } from './outbox-row.ts'
import type { RowToPark } from './parked-rows.ts'

/**
 * The rows of topics that Kafka does not have, or does not let the relay write to, perhaps only for a moment. They
 * wait in order, and later rows of the same topic wait behind them, while all other rows are sent. From time to time a
 * topic is tried again. Once it has been refused for longer than the patience, its rows are parked, and the next row
 * starts the clock again.
 *
 * The rows are only kept in memory: their position in the log must not be confirmed, so that the next relay gets them
 * again. The clock is an argument, in milliseconds that only grow.
 */
export class DeferredRows {
  readonly #patienceMs: number
  readonly #topics = new Map<string, RefusedTopic>()

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  /** The number of rows that wait. */
  get count(): number {
    return this.#sum(({ rows }) => rows.size)
  }

  /** Their size in memory, roughly. */
  get bytes(): number {
    return this.#sum(({ rows }) => [...rows].reduce((bytes, row) => bytes + row.bytes, 0))
  }

  waitsFor(topic: string): boolean {
    return this.#topics.has(topic)
  }

  has(row: OutboxRow): boolean {
    return this.#topics.get(row.topic)?.rows.has(row) ?? false
  }

  /** Keeps the rows of refused topics, behind those that wait already. @returns the others, which may be sent */
  keep(rows: readonly OutboxRow[]): readonly OutboxRow[] {
    if (this.#topics.size === 0) return rows
    return rows.filter((row) => {
      const refused = this.#topics.get(row.topic)
      refused?.rows.add(row)
      return refused === undefined
    })
  }

  /** The rows of each topic that is due for another try. Report their outcome to {@link settle}. */
  due(nowMs: number): (readonly OutboxRow[])[] {
    return [...this.#topics.values()]
      .filter(({ refusedAtMs }) => nowMs - refusedAtMs >= deferredRetryMs)
      .map(({ rows }) => [...rows])
  }

  /**
   * Takes the outcome of rows that were sent: deferred ones wait, unless the patience with their topic is over.
   *
   * @returns the rows to park
   */
  settle(sent: readonly OutboxRow[], deferred: readonly Deferred[], nowMs: number): RowToPark[] {
    if (this.#topics.size === 0 && deferred.length === 0) return []
    const refused = Map.groupBy(deferred, ({ record }) => record.topic)
    for (const { topic } of sent) if (!refused.has(topic)) this.#topics.delete(topic)
    const toPark: RowToPark[] = []
    for (const [topic, entries] of refused) {
      const sinceMs = this.#topics.get(topic)?.sinceMs ?? nowMs
      if (nowMs - sinceMs < this.#patienceMs) {
        const rows = new Set(entries.map(({ record }) => record))
        this.#topics.set(topic, { sinceMs, refusedAtMs: nowMs, rows })
      } else {
        this.#topics.delete(topic)
        toPark.push(...entries.map(({ record, reason }) => ({ row: record, error: reason })))
      }
    }
    return toPark
  }

  #sum(sizeOf: (topic: RefusedTopic) => number): number {
    let sum = 0
    for (const topic of this.#topics.values()) sum += sizeOf(topic)
    return sum
  }
}

interface Deferred {
  readonly record: OutboxRow
  readonly reason: string
}

interface RefusedTopic {
  /** The times of its first and of its last refusal. */
  readonly sinceMs: number
  readonly refusedAtMs: number
  /** The rows that wait, in order. */
  readonly rows: Set<OutboxRow>
}

/** The time between two tries of a topic. */
export const deferredRetryMs = 500
