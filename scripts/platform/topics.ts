import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createKafka, type KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { createTopics, type TopicSpec } from '@boxoffice/common/kafka/create-topics.ts'
import { parseAllDocuments } from 'yaml'
import { repositoryDir } from './paths.ts'

export const topicsFile = path.join(repositoryDir, 'k8s', 'base', 'topics.yaml')

/**
 * Creates the topics that Kubernetes would create, from the same manifests, where they are missing.
 *
 * @returns the names of those it created
 */
export async function createTopicsFromManifests(kafka: KafkaAddress): Promise<string[]> {
  const specs = parseTopics(await readFile(topicsFile, 'utf8'))
  return await createTopics(createKafka({ ...kafka, clientId: 'boxoffice-topics' }), specs)
}

/** Reads Strimzi `KafkaTopic` resources. Throws when a document is anything else, naming it. */
export function parseTopics(yaml: string): TopicSpec[] {
  return parseAllDocuments(yaml).map((document, index) => {
    if (document.errors[0]) throw new Error(`document ${index + 1}: ${document.errors[0].message}`)
    const resource = document.toJS() as KafkaTopic | null
    if (resource?.kind !== 'KafkaTopic' || resource.apiVersion !== 'kafka.strimzi.io/v1') {
      throw new Error(`document ${index + 1} is not a KafkaTopic of kafka.strimzi.io/v1`)
    }
    const { spec, metadata } = resource
    return {
      name: spec.topicName ?? metadata.name,
      partitions: spec.partitions,
      replicas: spec.replicas,
      config: Object.fromEntries(Object.entries(spec.config).map(([name, value]) => [name, String(value)])),
    }
  })
}

interface KafkaTopic {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly topicName?: string
    readonly partitions: number
    readonly replicas: number
    readonly config: Readonly<Record<string, string | number>>
  }
}
