import type { ConsumedRecord } from './consumed-record.ts'
import type { Kafka } from './create-client.ts'
import type { Logger } from './logger.ts'
import { topicRanges } from './other-topic.ts'
import { type OffsetStretch, readRanges } from './read-ranges.ts'
import { withAdmin } from './with-admin.ts'

export interface ReadTopicsOptions {
  readonly kafka: Kafka
  readonly topics: readonly string[]
  readonly log: Logger
  /** How long it may take without any progress before it gives up, in milliseconds. */
  readonly patienceMs?: number
  /** Each record of a partition in its order, once. Must not throw. */
  onRecord(record: ConsumedRecord): void
}

/**
 * Reads everything that stands in topics when it is called, from the first record that retention has kept.
 *
 * @throws Error if nothing comes for a while, or a topic was created again
 */
export async function readTopics({ kafka, topics, onRecord, ...options }: ReadTopicsOptions): Promise<void> {
  const stretches = await withAdmin(kafka, async (admin) => {
    const found: OffsetStretch[] = []
    for (const topic of topics) {
      const { topicId, ranges } = await topicRanges(admin, topic)
      for (const [partition, { begin, end }] of ranges)
        found.push({ topic, topicId, partition, from: begin, to: end })
    }
    return found
  })
  await readRanges({
    ...options,
    kafka,
    stretches,
    onRecords: async (_, records) => {
      for (const record of records) onRecord(record)
    },
  })
}
