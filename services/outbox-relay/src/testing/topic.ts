import { randomBytes } from 'node:crypto'
import { createKafka } from '@boxoffice/common/kafka/client.ts'
import { createTopics } from '@boxoffice/kafka'
import { waitFor } from './wait-for.ts'

export interface ReceivedRecord {
  readonly partition: number
  readonly key: string | null
  readonly value: string | null
  readonly valueBytes: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly receivedAt: number
}

/** A topic that is read from its beginning while the test goes on. */
export interface TestTopic {
  readonly name: string
  /** In the order of arrival. */
  readonly records: readonly ReceivedRecord[]
  received(count: number, deadlineMs?: number): Promise<void>
  close(): Promise<void>
}

export function testBrokers(): string[] {
  const brokers = process.env.TEST_KAFKA_BROKERS
  if (!brokers) throw new Error('TEST_KAFKA_BROKERS is not set: run the tests with the platform (npm test)')
  return brokers.split(',')
}

export async function createTestTopic(
  options: {
    readonly partitions?: number
    readonly config?: Readonly<Record<string, string>>
    readonly brokers?: readonly string[]
  } = {},
): Promise<TestTopic> {
  const name = `relay-test-${randomBytes(6).toString('hex')}`
  const kafka = createKafka({ brokers: options.brokers ?? testBrokers(), clientId: name })
  await createTopics(kafka, [
    {
      name,
      partitions: options.partitions ?? 12,
      replicas: 3,
      config: { 'min.insync.replicas': '2', ...options.config },
    },
  ])
  const consumer = kafka.consumer({
    groupId: name,
    maxWaitTimeInMs: 50,
    // A reader that loses its coordinator to a broker's death waits for the end of its own session.
    sessionTimeout: 6_000,
    heartbeatInterval: 1_000,
  })
  await consumer.connect()
  // The broker that is asked may not have heard of the topic yet.
  await waitFor('a broker that knows the topic', () =>
    consumer.subscribe({ topics: [name], fromBeginning: true }).then(
      () => true,
      () => false,
    ),
  )
  const records: ReceivedRecord[] = []
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      records.push({
        partition,
        key: message.key?.toString() ?? null,
        value: message.value?.toString() ?? null,
        valueBytes: message.value?.length ?? 0,
        headers: message.headers ?? {},
        receivedAt: performance.timeOrigin + performance.now(),
      })
    },
  })
  return {
    name,
    records,
    received: async (count, deadlineMs) => {
      await waitFor(`${count} records`, () => records.length >= count, deadlineMs)
    },
    close: () => consumer.disconnect(),
  }
}
