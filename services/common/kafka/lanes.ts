import type { Message, TopicMessages } from 'kafkajs'
import { partitionOf } from './partition-of.ts'
import type { Fates, OutgoingRecord } from './send-outcome.ts'

/** The records of one partition of a topic that are still to be sent, in order, chunk by chunk. */
export interface Lane<R extends OutgoingRecord> {
  readonly name: string
  readonly topic: string
  readonly partition: number
  chunks: R[][]
}

export function laneName(topic: string, partition: number): string {
  return `${topic}[${partition}]`
}

/** Parts records by the partition that each belongs to. */
export function lanesOf<R extends OutgoingRecord>(
  records: readonly R[],
  partitionCountOf: (topic: string) => number,
): Lane<R>[] {
  const lanes = new Map<string, Lane<R>>()
  for (const record of records) {
    const { topic } = record
    const partition = partitionOf(topic, record.key, partitionCountOf(topic))
    const name = laneName(topic, partition)
    const lane = lanes.get(name)
    if (lane === undefined) lanes.set(name, { name, topic, partition, chunks: [[record]] })
    else lane.chunks[0]?.push(record)
  }
  return [...lanes.values()]
}

/** The first chunk of each lane, as KafkaJS takes it. */
export function topicMessagesOf(lanes: ReadonlyArray<Lane<OutgoingRecord>>): TopicMessages[] {
  const byTopic = new Map<string, Message[]>()
  for (const { topic, partition, chunks } of lanes) {
    const messages = byTopic.get(topic) ?? []
    byTopic.set(topic, messages)
    for (const { key, value, headers } of chunks[0] ?? []) messages.push({ key, value, headers, partition })
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }))
}

/** Halves the first chunk of a lane, of which Kafka will never take the whole; a single record is refused. */
export function halve<R extends OutgoingRecord>(lane: Lane<R>, reason: string, fates: Fates<R>): void {
  const chunk = lane.chunks.shift() ?? []
  const [record] = chunk
  if (record !== undefined && chunk.length === 1) {
    fates.refuse(record, reason)
    return
  }
  const middle = Math.ceil(chunk.length / 2)
  lane.chunks.unshift(chunk.slice(0, middle), chunk.slice(middle))
}

/** Gives up what is left of lanes whose topic Kafka does not take now. */
export function postpone<R extends OutgoingRecord>(
  lanes: readonly Lane<R>[],
  reason: string,
  fates: Fates<R>,
): void {
  for (const lane of lanes) {
    fates.postpone(lane.chunks.flat(), reason)
    lane.chunks = []
  }
}
