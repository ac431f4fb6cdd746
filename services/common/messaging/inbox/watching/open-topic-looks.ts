import type { Kafka } from '@boxoffice/kafka'
import { lookAtTopics, shareLooks, type TopicLook } from '@boxoffice/kafka'
import { waitAtMost } from '@boxoffice/pacing'

/** Looks at what a consumer's topics hold, through one connection for all callers. */
export interface TopicLooks {
  /**
   * @returns a look that is at most `ageMsMax` old
   * @throws Error if there is no such topic, or Kafka does not answer
   */
  look(): Promise<TopicLook>
  close(): Promise<void>
}

export function openTopicLooks({
  kafka,
  topics,
  ageMsMax,
}: {
  readonly kafka: Kafka
  readonly topics: readonly string[]
  readonly ageMsMax: number
}): TopicLooks {
  const admin = kafka.admin()
  return {
    look: shareLooks(() => lookAtTopics(admin, topics), ageMsMax),
    async close() {
      // Kafka may be away: its answer is not waited for any more.
      await waitAtMost(closeMsMax, admin.disconnect())
    },
  }
}

const closeMsMax = 500
