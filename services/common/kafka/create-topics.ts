import type { Admin, Kafka } from 'kafkajs'
import { startingAtBroker } from './create-client.ts'
import { type LeaderView, waitForLeaders } from './wait-for-leaders.ts'
import { withAdmin } from './with-admin.ts'

export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  readonly replicas: number
  readonly config: Readonly<Record<string, string>>
}

const readyWithinMs = 60_000

/**
 * Creates the topics that are missing, leaves the others as they are, and waits until every broker knows a leader for
 * every partition: after that a client finds them, whichever broker it asks.
 *
 * @param kafka - created by {@link createKafkaClient}
 * @returns the names of the topics that it created
 * @throws Error if the brokers refuse one, or a broker knows no leader of a partition within a minute; the error names
 *   the broker and its last answer
 */
export async function createTopics(kafka: Kafka, specs: readonly TopicSpec[]): Promise<string[]> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const created: string[] = []
    for (const spec of specs) if (await create(admin, spec)) created.push(spec.name)
    const topics = specs.map((spec) => spec.name)
    await waitForLeaders(viewOf(kafka, admin, topics), topics, readyWithinMs)
    return created
  } finally {
    await admin.disconnect()
  }
}

/**
 * Creates one topic per request: the controller's answer says whether it existed already. A broker's list of topics
 * may not have a new topic yet, and may still have one that was deleted.
 */
async function create(admin: Admin, spec: TopicSpec): Promise<boolean> {
  return await admin.createTopics({
    // KafkaJS's own waiting fails at once when it asks a broker that has not heard of the topic yet.
    waitForLeaders: false,
    topics: [
      {
        topic: spec.name,
        numPartitions: spec.partitions,
        replicationFactor: spec.replicas,
        configEntries: Object.entries(spec.config).map(([name, value]) => ({ name, value })),
      },
    ],
  })
}

/** Asks each broker through a client of its own, whose first question goes to that broker. */
function viewOf(kafka: Kafka, admin: Admin, topics: string[]): LeaderView {
  const clients = new Map<string, Kafka>()
  return {
    async brokers() {
      const { brokers } = await admin.describeCluster()
      return brokers.map(({ host, port }) => `${host}:${port}`)
    },
    async knowsLeaders(broker) {
      const client = clients.get(broker) ?? startingAtBroker(kafka, broker)
      clients.set(broker, client)
      const { topics: found } = await withAdmin(client, (asked) => asked.fetchTopicMetadata({ topics }))
      return found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))
    },
  }
}
