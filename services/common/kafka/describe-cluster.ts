import { brokerResource, topicResource } from './config-resources.ts'
import type { Admin } from './create-client.ts'

/** A cluster as its brokers describe it. */
export interface ClusterDescription {
  readonly brokers: readonly BrokerDescription[]
  /** The requested topics that exist. */
  readonly topics: readonly TopicDescription[]
  /** The replicas of the brokers' topic of committed offsets; undefined if this user may not see that. */
  readonly offsetsReplicas: number | undefined
  /**
   * The number of replicas that must acknowledge, by the brokers' settings; undefined if this user may not see that.
   */
  readonly minInSync: number | undefined
}

export interface BrokerDescription {
  readonly id: number
  /** The host under which clients reach it: `advertised.listeners`. */
  readonly host: string
  readonly port: number
}

export interface TopicDescription {
  readonly name: string
  readonly partitions: readonly PartitionDescription[]
  /** Every effective setting, by name, whatever its source. */
  readonly config: Readonly<Record<string, string>>
}

export interface PartitionDescription {
  readonly hasLeader: boolean
  readonly replicas: number
  readonly inSync: number
}

const offsetsTopic = '__consumer_offsets'
const offsetsReplicasName = 'offsets.topic.replication.factor'
const minInSyncName = 'min.insync.replicas'

/**
 * Describes the brokers and these topics.
 *
 * @throws Error if Kafka does not answer, or refuses to say how a topic is set
 */
export async function describeCluster(admin: Admin, topics: readonly string[]): Promise<ClusterDescription> {
  const { brokers } = await admin.describeCluster()
  const existing = new Set(await admin.listTopics())
  const wanted = topics.filter((name) => existing.has(name))
  const settings = await settingsOf(admin, brokers[0]?.nodeId)
  return {
    brokers: brokers.map(({ nodeId, host, port }) => ({ id: nodeId, host, port })),
    topics: wanted.length === 0 ? [] : await describeTopics(admin, wanted),
    offsetsReplicas: existing.has(offsetsTopic)
      ? await replicasOf(admin, offsetsTopic)
      : settings?.offsetsReplicas,
    minInSync: settings?.minInSync,
  }
}

async function describeTopics(admin: Admin, names: readonly string[]): Promise<TopicDescription[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [...names] })
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: topicResource, name })),
  })
  const configOf = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  )
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ leader, replicas, isr }) => ({
      hasLeader: leader >= 0,
      replicas: replicas.length,
      inSync: isr.length,
    })),
    config: configOf.get(name) ?? {},
  }))
}

async function replicasOf(admin: Admin, topic: string): Promise<number | undefined> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  return topics[0]?.partitions[0]?.replicas.length
}

/** The topic of offsets is created for the first group; until then only the broker's settings are known. */
async function settingsOf(
  admin: Admin,
  brokerId: number | undefined,
): Promise<{ readonly offsetsReplicas: number; readonly minInSync: number } | undefined> {
  try {
    const configNames = [offsetsReplicasName, minInSyncName]
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: brokerResource, name: String(brokerId), configNames }],
    })
    const numberOf = (name: string): number =>
      Number(resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue)
    return { offsetsReplicas: numberOf(offsetsReplicasName), minInSync: numberOf(minInSyncName) }
  } catch {
    // A service's user may not read the brokers' settings; the cluster's operator may.
    return undefined
  }
}
