import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { TopicSpec } from '@boxoffice/kafka'
import { parseAllDocuments } from 'yaml'

/** The file of the topic manifests. The image contains it as well. */
export const topicsFile = path.resolve(import.meta.dirname, '../../../..', 'k8s/base/topics.yaml')

/**
 * Reads the topics from the manifests.
 *
 * @param replicas - the number of copies of each record instead of the manifests', for clusters with fewer brokers
 */
export async function readTopicManifests(replicas?: number): Promise<TopicSpec[]> {
  const specs = parseTopics(await readFile(topicsFile, 'utf8'))
  return replicas === undefined ? specs : specs.map((spec) => withReplicas(spec, replicas))
}

/** Changes the number of copies. The number of acknowledging copies stays, as far as there are as many. */
export function withReplicas(spec: TopicSpec, replicas: number): TopicSpec {
  const inSync = Math.min(Number(spec.config[minInSync] ?? 1), replicas)
  return { ...spec, replicas, config: { ...spec.config, [minInSync]: String(inSync) } }
}

const minInSync = 'min.insync.replicas'

/** Reads Strimzi `KafkaTopic` resources. Throws an error that names a document of any other kind. */
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
