import type { Batch, EachBatchPayload } from 'kafkajs'
import type { FetchedBatch } from './consumed-record.ts'
import { fetchedMemory } from './fetch-response/fetched-memory.ts'
import type { FetchedMessage } from './fetch-response/read-batches.ts'
import { topicIdOfBatch } from './protocol/fetch-v13.ts'

/** A KafkaJS batch after `readAnyBatch` has decoded it, with the members that KafkaJS's types leave out. */
type BoundedBatch = Omit<Batch, 'messages'> & {
  readonly fetchedOffset: string
  readonly messages: readonly FetchedMessage[]
  readonly rawMessages?: object
}

/**
 * Converts a KafkaJS batch to this project's terms. `lost` returns whether the group has expelled this member since.
 */
export function fetchedBatch(payload: EachBatchPayload, lost: () => boolean): FetchedBatch {
  const batch = payload.batch as unknown as BoundedBatch
  const topicId = topicIdOfBatch(batch)
  const { topic, partition } = batch
  return {
    topic,
    partition,
    topicId,
    begin: BigInt(batch.fetchedOffset),
    end: BigInt(batch.lastOffset()) + 1n,
    highWatermark: BigInt(batch.highWatermark),
    records: batch.messages.map((message) => ({
      topic,
      partition,
      topicId,
      offset: BigInt(message.offset),
      timestampMs: Number(message.timestamp),
      key: message.key,
      value: message.value,
      headers: message.headers,
      ...(message.unreadable && { unreadable: message.unreadable }),
    })),
    receivedAtMs: Date.now(),
    isStale: () => lost() || !payload.isRunning() || payload.isStale(),
    resolve: (nextOffset) => payload.resolveOffset(String(nextOffset - 1n)),
  }
}

/** Releases the memory of a KafkaJS batch's messages for later fetches: it was handled, or will not be. */
export function releaseBatch({ batch }: EachBatchPayload): void {
  const { rawMessages } = batch as unknown as BoundedBatch
  if (rawMessages !== undefined) fetchedMemory.release(rawMessages)
}
