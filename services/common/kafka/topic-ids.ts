import { createRequire } from 'node:module'
import type { Admin } from 'kafkajs'
import { once } from './once.ts'
import { type ApiDefinition, addVersion } from './protocol/add-version.ts'
import { fetchByTopicId } from './protocol/fetch-v13.ts'
import { metadataWithIds, topicIdIn } from './protocol/metadata-v12.ts'

interface Broker {
  fetch(options: FetchOptions): Promise<unknown>
}

interface FetchOptions {
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly object[] }[]
}

interface Cluster {
  readonly brokerPool: {
    readonly metadata?: {
      readonly topicMetadata: readonly { readonly topic: string; readonly topicId?: string }[]
    }
  }
  findBroker(options: { readonly nodeId: string }): Promise<Broker>
}

/**
 * Makes KafkaJS 2.2.4 identify topics by their ids; applied once per process.
 *
 * A name may belong to another topic later: if a topic is deleted and created again, the offsets that were read have
 * other records. KafkaJS knows only names, and a fetch by name goes on in the new topic at the old offset. A fetch by
 * id is refused by the broker; KafkaJS then reads the topics' ids again and joins its group again. Brokers before
 * Kafka 3.1 do not know a fetch by id: with them nothing changes.
 */
export const knowTopicIds = once(() => {
  const require = createRequire(import.meta.url)
  const { requests } = require('kafkajs/src/protocol/requests') as {
    requests: { readonly Metadata: ApiDefinition; readonly Fetch: ApiDefinition }
  }
  addVersion(requests.Metadata, 12, metadataWithIds)
  addVersion(requests.Fetch, 13, fetchByTopicId)
  const clusterOf = new WeakMap<Broker, Cluster>()
  const { prototype: cluster } = require('kafkajs/src/cluster') as { prototype: Cluster }
  const { findBroker } = cluster
  cluster.findBroker = async function (options) {
    const broker = await findBroker.call(this, options)
    clusterOf.set(broker, this)
    return broker
  }
  const { prototype: broker } = require('kafkajs/src/broker') as { prototype: Broker }
  const { fetch } = broker
  broker.fetch = function (options) {
    const known = clusterOf.get(this)?.brokerPool.metadata?.topicMetadata ?? []
    const idOf = new Map(known.map(({ topic, topicId }) => [topic, topicId]))
    // KafkaJS splits the topics up; what is in a partition reaches the encoder.
    const topics = options.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((partition) => ({ ...partition, topicId: idOf.get(topic) })),
    }))
    return fetch.call(this, { ...options, topics })
  }
})

/**
 * Reads the ids of topics, by name. A topic whose id the broker does not report is not in the result.
 *
 * @throws Error if there is no such topic, or Kafka does not answer
 */
export async function topicIds(admin: Admin, topics: readonly string[]): Promise<Map<string, string>> {
  await admin.connect()
  const found = new Map<string, string>()
  if (topics.length === 0) return found
  const metadata = await admin.fetchTopicMetadata({ topics: [...new Set(topics)] })
  for (const { name, partitions } of metadata.topics) {
    const id = topicIdIn(partitions)
    if (id !== undefined) found.set(name, id)
  }
  return found
}
