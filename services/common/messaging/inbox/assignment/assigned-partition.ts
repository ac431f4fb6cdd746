import type { TopicPartition } from '@boxoffice/kafka'
import {
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

/** Lets something happen to a partition. The caller obeys what is returned. */
export function apply(partition: AssignedPartition, event: ProgressEvent): ProgressAction {
  const { progress, action } = next(partition.progress, event, partition.rules)
  partition.progress = progress
  return action
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
