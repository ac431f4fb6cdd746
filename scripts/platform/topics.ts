import { readTopicManifests } from '@boxoffice/common/doctor/topic-manifests.ts'
import { createKafka, type KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { createTopics, failureText } from '@boxoffice/kafka'
import { StartError } from './process.ts'

/**
 * Creates the topics that Kubernetes would create, from the same manifests, where they are missing.
 *
 * @param replicationFactor - copies of each record instead of the manifests'
 * @returns the names of those it created
 * @throws StartError where Kafka refuses
 */
export async function createTopicsFromManifests(
  kafka: KafkaAddress,
  replicationFactor?: number,
): Promise<string[]> {
  const specs = await readTopicManifests(replicationFactor)
  try {
    return await createTopics(createKafka({ ...kafka, clientId: 'boxoffice-topics' }), specs)
  } catch (cause) {
    throw new StartError(
      `Kafka at ${kafka.brokers.join(', ')} did not make the topics (${failureText(cause)}): make them as k8s/base/topics.yaml says, or see \`npx boxoffice doctor\`.`,
      { cause },
    )
  }
}
