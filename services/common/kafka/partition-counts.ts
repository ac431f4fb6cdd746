import type { Admin, Kafka } from 'kafkajs'
import { kafkaErrorType } from './refusal.ts'
import { withDeadline } from './with-deadline.ts'

/** The numbers of partitions of topics, read when they are needed and again from time to time. */
export class PartitionCounts {
  readonly #kafka: Kafka
  readonly #counts = new Map<string, { readonly count: number; readonly readAt: number }>()

  constructor(kafka: Kafka) {
    this.#kafka = kafka
  }

  /** The count of a topic that was read by {@link read}. */
  of(topic: string): number {
    return this.#counts.get(topic)?.count ?? 1
  }

  forget(topic: string): void {
    this.#counts.delete(topic)
  }

  /**
   * Makes sure that the counts of these topics are known.
   *
   * @returns Kafka's errors for the topics whose counts it does not report
   * @throws Error if Kafka does not answer
   */
  async read(
    topics: ReadonlySet<string>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Error>> {
    const now = performance.now()
    const unknown = [...topics].filter((topic) => {
      const known = this.#counts.get(topic)
      return known === undefined || now - known.readAt > maxAgeMs
    })
    const failed = new Map<string, Error>()
    if (unknown.length === 0) return failed
    const admin = this.#kafka.admin({ retry: { retries: 2, initialRetryTime: 50, maxRetryTime: 500 } })
    const reading = (async () => {
      await admin.connect()
      for (const topic of unknown) {
        const count = await readCount(admin, topic)
        if (count instanceof Error) failed.set(topic, count)
        else this.#counts.set(topic, { count, readAt: now })
      }
    })()
    const disconnect = (): Promise<void> => admin.disconnect()
    reading.then(disconnect, disconnect).catch(() => {
      // It has answered, or has failed already.
    })
    await withDeadline(reading, timeoutMs, signal)
    return failed
  }
}

/** The time for which a topic may have grown unnoticed, as Java's `metadata.max.age.ms`. */
const maxAgeMs = 300_000

/** @throws any error that is not an answer about this topic */
async function readCount(admin: Admin, topic: string): Promise<number | Error> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]?.partitions.length || 1
  } catch (error) {
    if (error instanceof Error && kafkaErrorType(error) !== undefined) return error
    throw error
  }
}
