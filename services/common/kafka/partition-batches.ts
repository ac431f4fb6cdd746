import type { Message, TopicMessages } from 'kafkajs'
import { partitionOf } from './partition-of.ts'
import type { OutgoingRecord, SendResults } from './send-outcome.ts'

/** The records of one partition of a topic that are still to be sent, in order, slice by slice. */
export interface PartitionBatch<R extends OutgoingRecord> {
  readonly name: string
  readonly topic: string
  readonly partition: number
  slices: R[][]
}

export function partitionName(topic: string, partition: number): string {
  return `${topic}[${partition}]`
}

/** Groups records by their partitions. */
export function partitionBatchesOf<R extends OutgoingRecord>(
  records: readonly R[],
  partitionCountOf: (topic: string) => number,
): PartitionBatch<R>[] {
  const batches = new Map<string, PartitionBatch<R>>()
  for (const record of records) {
    const { topic } = record
    const partition = partitionOf(topic, record.key, partitionCountOf(topic))
    const name = partitionName(topic, partition)
    const batch = batches.get(name)
    if (batch === undefined) batches.set(name, { name, topic, partition, slices: [[record]] })
    else batch.slices[0]?.push(record)
  }
  return [...batches.values()]
}

/** The first slice of each batch, as KafkaJS accepts it. */
export function topicMessagesOf(batches: ReadonlyArray<PartitionBatch<OutgoingRecord>>): TopicMessages[] {
  const byTopic = new Map<string, Message[]>()
  for (const { topic, partition, slices } of batches) {
    const messages = byTopic.get(topic) ?? []
    byTopic.set(topic, messages)
    for (const { key, value, headers } of slices[0] ?? []) messages.push({ key, value, headers, partition })
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }))
}

/** Halves the first slice of a batch that Kafka will never accept as a whole; a single record is rejected. */
export function halve<R extends OutgoingRecord>(
  batch: PartitionBatch<R>,
  reason: string,
  results: SendResults<R>,
): void {
  const slice = batch.slices.shift() ?? []
  const [record] = slice
  if (record !== undefined && slice.length === 1) {
    results.reject(record, reason)
    return
  }
  const middle = Math.ceil(slice.length / 2)
  batch.slices.unshift(slice.slice(0, middle), slice.slice(middle))
}

/** Defers the rest of batches whose topic Kafka does not accept now. */
export function defer<R extends OutgoingRecord>(
  batches: readonly PartitionBatch<R>[],
  reason: string,
  results: SendResults<R>,
): void {
  for (const batch of batches) {
    results.defer(batch.slices.flat(), reason)
    batch.slices = []
  }
}
