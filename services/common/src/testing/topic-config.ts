import { topicResource, withAdmin } from '@boxoffice/kafka'
import type { Kafka } from '../kafka/client.ts'

/** `ConfigSource.DYNAMIC_TOPIC_CONFIG` of Kafka's protocol: set for the topic itself. */
const ownSource = 1

/** Sets one setting of a topic and leaves its others, which Kafka's request would reset. */
export async function setTopicConfig(
  kafka: Kafka,
  topic: string,
  name: string,
  value: string,
): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: topicResource, name: topic }],
    })
    const own = (resources[0]?.configEntries ?? [])
      .filter((entry) => Number(entry.configSource) === ownSource && entry.configName !== name)
      .map(({ configName, configValue }) => ({ name: configName, value: configValue }))
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: topicResource, name: topic, configEntries: [...own, { name, value }] }],
    })
  })
}
