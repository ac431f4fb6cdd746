import { createKafka, type KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import type { OffsetRange } from '@boxoffice/kafka'
import { areOtherTopics, kafkaErrorType, topicRanges } from '@boxoffice/kafka'
import type { StoredPosition } from './messaging-books.ts'
import { UnreadableError } from './sources.ts'

/** The topics of each service's consumer. */
export const topicsOf = {
  payment: ['point-events', 'reservation-events'],
  point: ['point-commands'],
  reservation: ['reservation-commands'],
} as const

export type ServiceName = keyof typeof topicsOf

/** The ends of the partitions, by `topic/partition` like the positions of a service. */
export type EndOffsets = Readonly<Record<ServiceName, ReadonlyMap<string, OffsetRange>>>

/** The answers of brokers while the leader of a partition moves, which takes a moment. */
const electionErrors: ReadonlySet<string | undefined> = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'OFFSET_NOT_AVAILABLE',
])

/** @throws UnreadableError if no broker answers, or a leader is just moving */
export async function readEndOffsets(kafka: KafkaAddress): Promise<EndOffsets> {
  const admin = createKafka({ ...kafka, clientId: 'boxoffice-verify' }).admin()
  const rangesOf = async (topics: readonly string[]): Promise<ReadonlyMap<string, OffsetRange>> => {
    const ranges = new Map<string, OffsetRange>()
    for (const topic of topics) {
      const found = await topicRanges(admin, topic)
      for (const [partition, range] of found.ranges)
        ranges.set(`${topic}/${partition}`, { ...range, topicId: found.topicId })
    }
    return ranges
  }
  try {
    return {
      payment: await rangesOf(topicsOf.payment),
      point: await rangesOf(topicsOf.point),
      reservation: await rangesOf(topicsOf.reservation),
    }
  } catch (cause) {
    const passes = electionErrors.has(kafkaErrorType(cause))
    throw new UnreadableError(`Kafka at ${kafka.brokers.join(', ')}`, cause, passes)
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

/** The partitions in which a consumer's stored position is not the end, each in a sentence. */
export function lagsBehind(
  consumer: ServiceName,
  positions: ReadonlyMap<string, StoredPosition>,
  ends: EndOffsets,
): string[] {
  return [...ends[consumer]].flatMap(([place, { begin, end, topicId }]) => {
    const stored = positions.get(place)
    const where = `consumer ${consumer} in ${place}`
    if (areOtherTopics(stored?.topicId, topicId))
      return [`${where} reads nothing: the topic was created again, and not accepted`]
    const position = stored?.nextOffset ?? begin
    if (position === end || (position < begin && begin === end)) return []
    if (position > end) return [`${where} is at ${position}, past the end ${end}`]
    return [`${where} has ${end - position} records to read`]
  })
}
