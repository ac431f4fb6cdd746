import type { Batch, EachBatchPayload } from 'kafkajs'
import type { FetchedBatch } from './consumed-record.ts'

/** A KafkaJS batch in this project's terms. `lost` says whether the group has turned this member away since. */
export function fetchedBatch(payload: EachBatchPayload, lost: () => boolean): FetchedBatch {
  // KafkaJS has it, its types do not.
  const batch = payload.batch as Batch & { readonly fetchedOffset: string }
  const { topic, partition } = batch
  return {
    topic,
    partition,
    begin: BigInt(batch.fetchedOffset),
    end: BigInt(batch.lastOffset()) + 1n,
    highWatermark: BigInt(batch.highWatermark),
    records: batch.messages.map(({ offset, timestamp, key, value, headers }) => ({
      topic,
      partition,
      offset: BigInt(offset),
      timestampMs: Number(timestamp),
      key,
      value,
      headers: headers ?? {},
    })),
    receivedAtMs: Date.now(),
    isStale: () => lost() || !payload.isRunning() || payload.isStale(),
    resolve: (nextOffset) => payload.resolveOffset(String(nextOffset - 1n)),
  }
}
