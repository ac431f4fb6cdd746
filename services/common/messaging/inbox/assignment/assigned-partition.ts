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
  /** Whose offsets its positions are; undefined where the brokers tell no ids. */
  topicId: string | undefined
  /** Whether another topic has its name now: nothing of that is read before an operator has decided. */
  isRecreated: boolean
  /** Whether a batch of it is being handled, which finds out by itself that its stored position was moved. */
  handling: boolean
  /** Whether the stored position is being written, outside the transaction of a batch. */
  storing: boolean
  /** The position at which it was behind and had not moved for a while, when that was last looked at. */
  stuckAt: bigint | undefined
}

/**
 * Lets something happen to a partition. The caller obeys what is returned. `handleBatch` does so action by action; the others know
 * which one can come, and obey it in their own way:
 *
 * - `resolve` of what was passed over: `receiveBatch` resolves the batch.
 * - `commit-offset` of a stored position, `release` of a repaired circuit: the callbacks of `Passing` and `watchPositions`.
 * - `seek` after a move that no batch has caused: `goOn`, which also resumes the partition.
 * - `back-off` of a batch of another topic: `meetAnotherTopic` waits, no longer than `retryHoldMaxMs`, for it has no batch to give back.
 */
export function apply(partition: AssignedPartition, event: ProgressEvent): ProgressAction {
  const { progress, action } = next(partition.progress, event, partition.rules)
  partition.progress = progress
  return action
}

/**
 * The same because of a batch.
 *
 * @throws Error for an action that no batch can obey
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
