import { createKafka } from '@boxoffice/common/kafka/client.ts'
import { createTopics } from '@boxoffice/kafka'
import { testBrokers } from '@boxoffice/outbox-relay/testing/topic.ts'

/** Creates the dead-letter topic of `topic`, as docs/use-the-libraries.md requires. */
export async function createDeadLetterTopic(topic: string): Promise<void> {
  const kafka = createKafka({ brokers: testBrokers(), clientId: 'shop' })
  const config = { 'min.insync.replicas': '2' }
  await createTopics(kafka, [{ name: `${topic}-dlt`, partitions: 1, replicas: 3, config }])
}
