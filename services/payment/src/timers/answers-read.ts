import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from '@boxoffice/common/kafka/client.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { areOtherTopics, type TopicRanges, topicRanges, withDeadline } from '@boxoffice/kafka'
import { readAllPositions } from '@boxoffice/messaging/operations'
import { waitAtMost } from '@boxoffice/pacing'

export interface Answers {
  /**
   * Waits until the consumer has handled its topic up to the present end. Returns false if that takes longer than five
   * seconds, or `close` was called.
   *
   * @throws Error if Kafka does not report where the topic ends
   */
  readToEnd(): Promise<boolean>
  /** Ends the wait that is under way. */
  close(): Promise<void>
}

const waitMsMax = 5_000
const pollMs = 100
const closeMsMax = 500

/** Watches whether a consumer, on whatever replica, has handled all records of a topic. */
export function watchAnswers(watched: {
  readonly kafka: Kafka
  readonly database: Pick<Database, 'em'>
  readonly consumer: string
  readonly topic: string
}): Answers {
  const admin = watched.kafka.admin()
  const closed = new AbortController()
  const { signal } = closed

  async function readToEnd(): Promise<boolean> {
    const found = await withDeadline(topicRanges(admin, watched.topic), waitMsMax, signal)
    const deadline = Date.now() + waitMsMax
    while (!(await hasReached(watched.database, watched.consumer, watched.topic, found))) {
      if (Date.now() > deadline) return false
      await sleep(pollMs, undefined, { signal })
    }
    return true
  }

  return {
    async readToEnd() {
      try {
        return await readToEnd()
      } catch (error) {
        if (signal.aborted) return false
        throw error
      }
    },
    async close() {
      closed.abort()
      await waitAtMost(closeMsMax, admin.disconnect())
    },
  }
}

/**
 * Compares stored positions with the topic's ends. A partition that retention has emptied counts as read, wherever the
 * consumer is. Records that a replay reads again count as handled. In a topic that was created again nothing counts as
 * read, whatever was read in the former one.
 */
async function hasReached(
  database: Pick<Database, 'em'>,
  consumer: string,
  topic: string,
  { topicId, ranges }: TopicRanges,
): Promise<boolean> {
  const positions = (await readAllPositions(database.em(), consumer)).filter(
    (position) => position.topic === topic,
  )
  if (positions.some((position) => areOtherTopics(position.topicId, topicId))) return false
  const handled = new Map(positions.map(({ partition, handledOffset }) => [partition, handledOffset]))
  return [...ranges].every(
    ([partition, { begin, end }]) => begin === end || (handled.get(partition) ?? begin) >= end,
  )
}
