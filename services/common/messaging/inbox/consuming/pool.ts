import type { ConsumedRecord, FetchedBatch } from '@boxoffice/kafka'
import type { AssignedPartition } from '../assignment/assigned-partition.ts'

/** A partition's batch in the committing loop. */
export interface WaitingBatch {
  readonly partition: AssignedPartition
  readonly batch: FetchedBatch
  /** How many of the batch's records are committed. */
  done: number
}

/** What one transaction takes of a waiting batch. */
export interface Slice<Waiting extends WaitingBatch = WaitingBatch> {
  readonly waiting: Waiting
  readonly records: readonly ConsumedRecord[]
  /** The stored position: it is before the records if others were passed over since. */
  readonly from: bigint
  readonly to: bigint
}

export interface PoolLimits {
  readonly poolMessagesMax: number
  readonly poolBytesMax: number
}

/**
 * Chooses what the next transaction takes, oldest first: one isolated partition, or as many shared ones as fit. It
 * takes one batch per partition, because a position moves once in a transaction. It is empty only if nothing waits.
 */
export function takePool<Waiting extends WaitingBatch>(
  waiting: Iterable<Waiting>,
  { poolMessagesMax, poolBytesMax }: PoolLimits,
): Slice<Waiting>[] {
  const slices: Slice<Waiting>[] = []
  let messagesLeft = poolMessagesMax
  let bytesLeft = poolBytesMax
  const places = new Set<string>()
  for (const candidate of waiting) {
    const { topic, partition, progress } = candidate.partition
    const { isolated, batchLimit } = progress
    const place = `${topic}/${partition}`
    if ((isolated && slices.length > 0) || places.has(place)) continue
    const slice = sliceOf(candidate, Math.min(messagesLeft, batchLimit), bytesLeft, slices.length === 0)
    if (slice === undefined) break
    slices.push(slice)
    places.add(place)
    if (isolated) break
    messagesLeft -= slice.records.length
    bytesLeft -= sizeBytes(slice.records)
  }
  return slices
}

/** The first slice takes at least one record, however large. A batch without records gives a slice without any. */
function sliceOf<Waiting extends WaitingBatch>(
  waiting: Waiting,
  messagesMax: number,
  bytesMax: number,
  first: boolean,
): Slice<Waiting> | undefined {
  const { batch, done, partition } = waiting
  const records: ConsumedRecord[] = []
  let bytes = 0
  for (let index = done; index < batch.records.length && records.length < messagesMax; index++) {
    const record = batch.records[index] as ConsumedRecord
    bytes += sizeBytes([record])
    if (bytes > bytesMax && !(first && records.length === 0)) break
    records.push(record)
  }
  if (records.length === 0 && done < batch.records.length) return undefined
  const next = batch.records[done + records.length]
  return { waiting, records, from: partition.progress.stored, to: next?.offset ?? batch.end }
}

function sizeBytes(records: readonly ConsumedRecord[]): number {
  return records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0)
}
