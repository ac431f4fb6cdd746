import type { Admin } from './create-client.ts'
import { type OffsetRange, offsetRanges } from './end-offsets.ts'
import { topicIds } from './topic-ids.ts'

/** A topic was deleted and created again while it was read: its offsets are of another one now, and what was unread is gone. */
export class OtherTopicError extends Error {
  override readonly name = 'OtherTopicError'
  readonly code = 'TOPIC_CREATED_AGAIN'
  readonly topic: string

  constructor(topic: string) {
    super(`${topic} was deleted and created again while it was read`)
    this.topic = topic
  }
}

/** Whether two ids tell two topics of one name apart; where the brokers tell none, they are taken for the same topic. */
export function areOtherTopics(id: string | undefined, other: string | undefined): boolean {
  return id !== undefined && other !== undefined && id !== other
}

/** What a topic holds now, and which one it is. */
export interface TopicRanges {
  /** Undefined where the brokers tell none. */
  readonly topicId: string | undefined
  readonly ranges: ReadonlyMap<number, OffsetRange>
}

/** Kafka tells offsets by names alone. @throws Error while the topic is being created again, or if Kafka does not answer */
export async function topicRanges(admin: Admin, topic: string): Promise<TopicRanges> {
  const idOf = async (): Promise<string | undefined> => (await topicIds(admin, [topic])).get(topic)
  const topicId = await idOf()
  const ranges = await offsetRanges(admin, topic)
  if (topicId !== (await idOf())) throw new Error(`${topic} is being created again`)
  return { topicId, ranges }
}
