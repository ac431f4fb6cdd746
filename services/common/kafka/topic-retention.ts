import { topicResource } from './config-resources.ts'
import type { Admin } from './create-client.ts'

/** How long a topic's records can be read, as the cluster has it. */
export interface TopicRetention {
  readonly topic: string
  /** `retention.ms`; infinite where records are kept for ever. */
  readonly retentionMs: number
  /** `segment.ms`: a record goes with its segment, which begins up to so much later. */
  readonly segmentMs: number
}

/** Reads the settings that topics have by now, wherever they come from: the topic, the broker or its defaults. */
export async function readTopicRetention(admin: Admin, topics: readonly string[]): Promise<TopicRetention[]> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({
      type: topicResource,
      name,
      configNames: ['cleanup.policy', 'retention.ms', 'segment.ms'],
    })),
  })
  return resources.map(({ resourceName: topic, configEntries }) => {
    const settingOf = (name: string): string => {
      const found = configEntries.find(({ configName }) => configName === name)
      if (found === undefined) throw new Error(`the brokers do not tell ${name} of ${topic}`)
      return found.configValue
    }
    const retentionMs = Number(settingOf('retention.ms'))
    // What is only compacted is never too old.
    const keepsAll = retentionMs < 0 || !settingOf('cleanup.policy').split(',').includes('delete')
    return {
      topic,
      retentionMs: keepsAll ? Number.POSITIVE_INFINITY : retentionMs,
      segmentMs: Number(settingOf('segment.ms')),
    }
  })
}
