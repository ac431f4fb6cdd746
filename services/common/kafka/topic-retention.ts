import { topicResource } from './config-resources.ts'
import type { Admin } from './create-client.ts'

/** The time for which a topic's records can be read, by the cluster's settings. */
export interface TopicRetention {
  readonly topic: string
  /** `retention.ms`; infinite if records are kept for ever. */
  readonly retentionMs: number
  /** `segment.ms`: a record is deleted with its segment, which may begin up to this much later. */
  readonly segmentMs: number
}

/** Reads the current settings of topics, whatever their source: the topic, the broker or its defaults. */
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
    // Records of a topic that is only compacted never become too old.
    const keepsAll = retentionMs < 0 || !settingOf('cleanup.policy').split(',').includes('delete')
    return {
      topic,
      retentionMs: keepsAll ? Number.POSITIVE_INFINITY : retentionMs,
      segmentMs: Number(settingOf('segment.ms')),
    }
  })
}
