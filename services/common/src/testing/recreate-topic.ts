import { createTopics, withAdmin } from '@boxoffice/kafka'
import type { Kafka } from '../kafka/client.ts'
import { until } from './consumer-fixture.ts'

/** Deletes a topic and creates it again. Kafka refuses for a moment, until the former one is gone on every broker. */
export async function recreateTopic(kafka: Kafka, topic: string, partitions: number): Promise<void> {
  await withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [topic] }))
  const spec = { name: topic, partitions, replicas: 3, config: { 'min.insync.replicas': '2' } }
  await until('the topic is there again', async () => {
    const made = await createTopics(kafka, [spec]).catch(() => [])
    return made.length === 1
  })
}
