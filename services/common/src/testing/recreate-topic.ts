import { createTopics, topicIdIn, topicIds, withAdmin } from '@boxoffice/kafka'
import { createKafka, type Kafka } from '../kafka/client.ts'
import { until } from './consumer-fixture.ts'

/**
 * Deletes a topic and creates it again. Kafka refuses for a moment, until the former one is gone on every broker, and
 * the brokers learn of the new one in turn: it waits until each of them knows its id.
 */
export async function recreateTopic(kafka: Kafka, topic: string, partitions: number): Promise<void> {
  const { brokers, formerId } = await withAdmin(kafka, async (admin) => ({
    brokers: (await admin.describeCluster()).brokers.map(({ host, port }) => `${host}:${port}`),
    formerId: (await topicIds(admin, [topic])).get(topic),
  }))
  await withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [topic] }))
  const spec = { name: topic, partitions, replicas: 3, config: { 'min.insync.replicas': '2' } }
  await until('the topic is there again', async () => {
    // It leaves a topic alone that is there already.
    await createTopics(kafka, [spec]).catch(() => [])
    const ids = await Promise.all(brokers.map((broker) => topicIdAt(broker, topic)))
    return ids.every((id) => id !== undefined && id !== formerId)
  })
}

/**
 * The id of a topic as this broker knows it; undefined if it does not know the topic. KafkaJS's admin client may ask
 * another broker, but its producer reads the partitions of a topic from the broker that it connects to first.
 */
async function topicIdAt(broker: string, topic: string): Promise<string | undefined> {
  let id: string | undefined
  const producer = createKafka({ brokers: [broker], clientId: 'recreate-topic' }).producer({
    allowAutoTopicCreation: false,
    retry: { retries: 0 },
    createPartitioner: () => (partitioned) => {
      id = topicIdIn(partitioned.partitionMetadata)
      throw new Error('nothing is to be sent')
    },
  })
  await producer.connect()
  try {
    await producer.send({ topic, messages: [{ value: null }] })
  } catch {
    // It never sends: the broker does not know the topic, or the id is read.
  } finally {
    await producer.disconnect()
  }
  return id
}
