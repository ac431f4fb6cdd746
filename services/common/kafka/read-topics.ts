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
  /** The time without any progress after which it gives up, in milliseconds. */
  readonly patienceMs?: number
  /** Receives each record once, in the order of its partition. Must not throw. */
  onRecord(record: ConsumedRecord): void
}

/**
 * Reads every record that is in the topics when it is called, from the first one that retention has kept.
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
