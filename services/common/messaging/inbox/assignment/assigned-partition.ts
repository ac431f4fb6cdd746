import type { TopicPartition } from '@boxoffice/kafka'
import {
  type BatchEvent,
  type BatchStep,
  next,
  type PartitionProgress,
  type ProgressAction,
  type ProgressEvent,
  type ProgressRules,
} from './partition-progress.ts'

/** A partition while it is assigned to this member. */
export interface AssignedPartition extends TopicPartition {
  readonly rules: ProgressRules
  /** Changed by {@link apply} alone. */
  progress: PartitionProgress
  /** The topic that its positions are offsets of; undefined where the brokers report no ids. */
  topicId: string | undefined
  /** Whether its topic was deleted and created again: nothing of the new one is read until an operator accepts it. */
  isRecreated: boolean
  /** Whether a batch of it is being handled: that transaction notices by itself when the stored position was moved. */
  handling: boolean
  /** Whether the stored position is being written, outside the transaction of a batch. */
  storing: boolean
  /** The position at which the last look found it stuck: behind, and not moving for a while. */
  stuckAt: bigint | undefined
}

/**
 * Applies an event to a partition. The caller executes the action that it returns. `handleBatch` executes all of
 * them; each other caller knows which one is possible, and executes it in its own way:
 *
 * - `resolve` after `passed-over`: `receiveBatch` resolves the batch.
 * - `commit-offset` after `stored`, `release` after `repaired`: the callbacks of `Passing` and `watchPositions`.
 * - `seek` after a move that no batch has caused: `goOn`, which also resumes the partition.
 * - `back-off` after a batch of another topic: `meetAnotherTopic` waits, at most for `retryHoldMaxMs`: it has no
 *   batch to give back.
 */
export function apply(partition: AssignedPartition, event: ProgressEvent): ProgressAction {
  const { progress, action } = next(partition.progress, event, partition.rules)
  partition.progress = progress
  return action
}

/**
 * Applies an event that a batch has caused.
 *
 * @throws Error for an action that is impossible for a batch
 */
export function applyToBatch(partition: AssignedPartition, event: BatchEvent): BatchStep {
  const action = apply(partition, event)
  switch (action.kind) {
    case 'none':
    case 'commit-offset':
    case 'release':
      throw new Error(`${event.kind} cannot lead to ${action.kind}`)
    default:
      return action
  }
}

export function isIdle({ handling, storing }: AssignedPartition): boolean {
  return !handling && !storing
}

/** Whether it is behind and has not moved for a while. */
export function isStuck({ stuckAt, progress }: AssignedPartition): boolean {
  return stuckAt === progress.position
}

/** The places of the records that were passed over since the position was stored. */
export function passedOverIn({
  topic,
  partition,
  progress,
}: AssignedPartition): (TopicPartition & { readonly offset: bigint })[] {
  return progress.passedOver.map((offset) => ({ topic, partition, offset }))
}
