import { withAdmin } from '@boxoffice/kafka'
import type { Kafka } from '../kafka/client.ts'

/** Deletes the records before an offset of each of these partitions, as retention does. */
export function deleteRecords(
  kafka: Kafka,
  topic: string,
  partitions: readonly number[],
  before: number,
): Promise<void> {
  return withAdmin(kafka, async (admin) => {
    // KafkaJS deletes only in topics that it knows.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({
      topic,
      partitions: partitions.map((partition) => ({ partition, offset: String(before) })),
    })
  })
}
