import type { OffsetRange, TopicPartition } from '@boxoffice/kafka'
import type { Position } from '../inbox/positions/positions.ts'
import { MessagingError } from '../message/messaging-error.ts'
import type { ReplayFrom } from './replay-range.ts'

/** The offset from which a partition is to be read again, and the offsets that Kafka has. */
export interface ReplayTarget extends TopicPartition {
  readonly from: bigint
  readonly range: OffsetRange
}

/** The part of a replay that concerns one partition. */
export interface PlannedPartition extends TopicPartition {
  /** The first offset that is read again. */
  readonly target: bigint
  /** The position of the consumer: the replay ends there. */
  readonly until: bigint
  /** One past the partition's last record. */
  readonly end: bigint
  /** The number of offsets of the range that retention has removed. */
  readonly gone: bigint
}

/**
 * Plans a replay from `targets`. A position never moves forward: a partition whose position is at its target or
 * before it is left out, and so is one that has never been read.
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

/**
 * Plans a replay, unless an offset is past what was read.
 *
 * @throws MessagingError REPLAY_FROM_FUTURE
 */
export function planUnlessAhead(
  from: ReplayFrom,
  targets: readonly ReplayTarget[],
  positions: readonly Position[],
): PlannedPartition[] {
  const [ahead, ...more] = targetsAhead(targets, positions)
  const isRefused = from.case === 'offsets' || (from.case === 'offset' && more.length + 1 === targets.length)
  if (ahead !== undefined && isRefused) {
    const { topic, partition, from: offset } = ahead
    const message = `The consumer has not read ${topic}/${partition} up to ${offset} yet: from there it would skip records`
    throw new MessagingError('REPLAY_FROM_FUTURE', message)
  }
  return planReplay(targets, positions)
}

/** The targets that are past what the consumer has read: from there it would skip records. */
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
