import type { Position } from '../inbox/positions.ts'
import type { TopicPartition } from '../kafka/consumed-record.ts'
import type { OffsetRange } from '../kafka/end-offsets.ts'

/** From where a partition is to be read again, and what Kafka has of it. */
export interface ReplayTarget extends TopicPartition {
  readonly from: bigint
  readonly range: OffsetRange
}

/** What a replay means for one partition. */
export interface PlannedPartition extends TopicPartition {
  /** The first offset that is read again. */
  readonly target: bigint
  /** Where the consumer stands: the replay ends there. */
  readonly until: bigint
  /** One past the partition's last record. */
  readonly end: bigint
  /** Offsets of the range that retention has removed. */
  readonly gone: bigint
}

/**
 * Says what reading again from `targets` means. A position never moves forward: partitions that stand at their target or
 * before it, and those that have never been read, are left out.
 */
export function planReplay(
  targets: readonly ReplayTarget[],
  positions: readonly Position[],
): PlannedPartition[] {
  const positionOf = indexed(positions)
  return targets.flatMap(({ topic, partition, from, range: { begin, end } }) => {
    const position = positionOf.get(`${topic}/${partition}`)
    if (position === undefined) return []
    // A log that has become shorter than the position cannot bring the consumer back to it.
    const until = lesser(position, end)
    const target = greater(from, begin)
    if (target >= until) return []
    return [{ topic, partition, target, until, end, gone: target - from }]
  })
}

/** The targets past what the consumer has read: from there it would skip records. */
export function targetsAhead(
  targets: readonly ReplayTarget[],
  positions: readonly Position[],
): ReplayTarget[] {
  const positionOf = indexed(positions)
  return targets.filter(
    ({ topic, partition, from }) => from > (positionOf.get(`${topic}/${partition}`) ?? 0n),
  )
}

function indexed(positions: readonly Position[]): ReadonlyMap<string, bigint> {
  return new Map(positions.map(({ topic, partition, nextOffset }) => [`${topic}/${partition}`, nextOffset]))
}

function lesser(a: bigint, b: bigint): bigint {
  return a <= b ? a : b
}

function greater(a: bigint, b: bigint): bigint {
  return a >= b ? a : b
}
