import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, Kafka, KafkaJSError } from 'kafkajs'
import { startingAtBroker } from './create-client.ts'
import { withAdmin } from './with-admin.ts'

export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  readonly replicas: number
  readonly config: Readonly<Record<string, string>>
}

const readyWithinMs = 60_000

/**
 * Creates the topics that are missing, leaves the others as they are, and waits until every broker says that every partition has
 * a leader: whoever asks any broker afterwards finds them.
 *
 * @param kafka - of {@link createKafkaClient}
 * @returns the names of those it created
 * @throws Error if the brokers refuse one, or a broker knows no leader of a partition within a minute
 */
export async function createTopics(kafka: Kafka, specs: readonly TopicSpec[]): Promise<string[]> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const existing = new Set(await admin.listTopics())
    const created: string[] = []
    for (const spec of specs) {
      if (!existing.has(spec.name) && (await create(admin, spec))) created.push(spec.name)
    }
    const topics = specs.map((spec) => spec.name)
    await waitForLeaders(kafka, admin, topics)
    return created
  } finally {
    await admin.disconnect()
  }
}

/** One a request: the answer then says whether it was there already, which the asked broker's list may not know yet. */
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

async function waitForLeaders(kafka: Kafka, admin: Admin, topics: string[]): Promise<void> {
  const deadline = Date.now() + readyWithinMs
  for (;;) {
    const { brokers } = await admin.describeCluster()
    const answers = await Promise.all(
      brokers.map(({ host, port }) => knowsLeaders(startingAtBroker(kafka, `${host}:${port}`), topics)),
    )
    if (answers.every((known) => known)) return
    if (Date.now() > deadline) throw new Error(`not every partition has a leader: ${topics.join(', ')}`)
    await delay(50)
  }
}

async function knowsLeaders(broker: Kafka, topics: string[]): Promise<boolean> {
  try {
    const { topics: found } = await withAdmin(broker, (admin) => admin.fetchTopicMetadata({ topics }))
    return found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))
  } catch (error) {
    if (!(error as Partial<KafkaJSError>).retriable) throw error
    return false
  }
}
