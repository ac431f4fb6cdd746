import type { Admin, OffsetStretch } from '@boxoffice/kafka'
import { offsetsAtTime, topicRanges } from '@boxoffice/kafka'

/** The records of a partition since a time, up to its end. */
export interface OutputStretch extends OffsetStretch {
  /** The first offset that Kafka still has of the partition. */
  readonly begin: bigint
  /** The number of offsets that retention has removed and that may be of that time, at most. */
  readonly gone: bigint
}

/**
 * Finds the records of some topics since a time, partition by partition. Where a record from before that time is
 * still there, nothing is gone, however much retention has removed before it. Where none is, it is not known when the
 * removed ones were written.
 */
export async function outputSince(
  admin: Admin,
  topics: readonly string[],
  from: Date,
): Promise<OutputStretch[]> {
  const found: OutputStretch[] = []
  for (const topic of topics) {
    // In this order: records that retention removes in between are counted.
    const starts = await offsetsAtTime(admin, topic, from)
    const { topicId, ranges } = await topicRanges(admin, topic)
    for (const [partition, { begin, end }] of [...ranges].sort(([a], [b]) => a - b)) {
      const start = starts.get(partition) ?? begin
      const isWhole = start > begin
      found.push({
        topic,
        topicId,
        partition,
        begin,
        from: isWhole ? start : begin,
        to: end,
        gone: isWhole ? 0n : begin,
      })
    }
  }
  return found
}
