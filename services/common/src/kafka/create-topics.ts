import type { Kafka } from 'kafkajs'

export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  readonly replicas: number
  readonly config: Readonly<Record<string, string>>
}

/**
 * Creates the topics that are missing and leaves the others as they are.
 *
 * @returns the names of those it created
 */
export async function createTopics(kafka: Kafka, specs: readonly TopicSpec[]): Promise<string[]> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const existing = new Set(await admin.listTopics())
    const missing = specs.filter((spec) => !existing.has(spec.name))
    if (missing.length === 0) return []
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((spec) => ({
        topic: spec.name,
        numPartitions: spec.partitions,
        replicationFactor: spec.replicas,
        configEntries: Object.entries(spec.config).map(([name, value]) => ({ name, value })),
      })),
    })
    return missing.map((spec) => spec.name)
  } finally {
    await admin.disconnect()
  }
}
