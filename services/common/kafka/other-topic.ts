import type { Admin } from './create-client.ts'
import { type OffsetRange, offsetRanges } from './end-offsets.ts'
import { topicIds } from './topic-ids.ts'

/**
 * A topic was deleted and created again while it was read: offsets are of the new one, and the unread rest is gone.
 */
export class OtherTopicError extends Error {
  override readonly name = 'OtherTopicError'
  readonly code = 'TOPIC_CREATED_AGAIN'
  readonly topic: string

  constructor(topic: string) {
    super(`${topic} was deleted and created again while it was read`)
    this.topic = topic
  }
}

/** Whether two ids are of two topics with one name; where the brokers report no ids, they count as the same topic. */
export function areOtherTopics(id: string | undefined, other: string | undefined): boolean {
  return id !== undefined && other !== undefined && id !== other
}

/** The offsets that a topic holds now, and its id. */
export interface TopicRanges {
  /** Undefined where the brokers report no ids. */
  readonly topicId: string | undefined
  readonly ranges: ReadonlyMap<number, OffsetRange>
}

/**
 * Reads a topic's offsets together with its id, though Kafka gives offsets by name alone.
 *
 * @throws Error while the topic is being created again, or if Kafka does not answer
 */
export async function topicRanges(admin: Admin, topic: string): Promise<TopicRanges> {
  const idOf = async (): Promise<string | undefined> => (await topicIds(admin, [topic])).get(topic)
  const topicId = await idOf()
  const ranges = await offsetRanges(admin, topic)
  if (topicId !== (await idOf())) throw new Error(`${topic} is being created again`)
  return { topicId, ranges }
}
