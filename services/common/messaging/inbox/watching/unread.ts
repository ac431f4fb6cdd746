import type { TopicLook } from '@boxoffice/kafka'
import { isOfAnotherTopic, type Position } from '../positions/positions.ts'

/** The part of a partition that is yet to be handled. */
export interface Unread {
  readonly next: bigint
  readonly records: bigint
}

/** What is yet to be handled, by topic and partition. A partition without a position in its topic is wholly unread. */
export function unreadBehind(
  { ids, ranges }: TopicLook,
  positions: readonly Position[],
): Map<string, Map<number, Unread>> {
  const stored = new Map(
    positions
      .filter((position) => !isOfAnotherTopic(position, ids))
      .map(({ topic, partition, nextOffset }) => [`${topic}/${partition}`, nextOffset]),
  )
  const unread = new Map<string, Map<number, Unread>>()
  for (const [topic, partitions] of ranges) {
    const own = new Map<number, Unread>()
    unread.set(topic, own)
    for (const [partition, { begin, end }] of partitions) {
      const position = stored.get(`${topic}/${partition}`)
      const next = position !== undefined && position > begin ? position : begin
      if (next < end) own.set(partition, { next, records: end - next })
    }
  }
  return unread
}
