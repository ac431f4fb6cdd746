import { readTopicManifests } from '@boxoffice/common/doctor/topic-manifests.ts'
import { createKafka, type KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { createTopics, failureText } from '@boxoffice/kafka'
import { StartError } from './process.ts'

/**
 * Creates missing topics from the manifests of Kubernetes.
 *
 * @param replicationFactor - the copies of each record, instead of the number in the manifests
 * @returns the names of the created topics
 * @throws StartError if Kafka refuses
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
      `Kafka at ${kafka.brokers.join(', ')} did not create the topics (${failureText(cause)}): create them as k8s/base/topics.yaml declares, or see \`npx boxoffice doctor\`.`,
      { cause },
    )
  }
}
