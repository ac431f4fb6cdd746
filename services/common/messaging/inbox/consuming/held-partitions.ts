import type { GroupMember, TopicPartition } from '@boxoffice/kafka'
import type { AssignedPartition } from '../assignment/assigned-partition.ts'

/** Partitions that are not fetched for a while, so that the others of their broker flow. */
export interface HeldPartitions {
  hold(at: HeldPartition, delayMs: number): void
  /** Lets this one be fetched again, or all of them. One that another topic has taken the name of stays paused. */
  release(at?: HeldPartition): void
}

type HeldPartition = TopicPartition & Pick<AssignedPartition, 'isRecreated'>

export function createHeldPartitions(member: Pick<GroupMember, 'pause' | 'resume'>): HeldPartitions {
  const timers = new Map<HeldPartition, NodeJS.Timeout>()

  function end(at: HeldPartition): void {
    clearTimeout(timers.get(at))
    timers.delete(at)
    if (!at.isRecreated) member.resume(at)
  }

  return {
    hold(at, delayMs) {
      member.pause(at)
      clearTimeout(timers.get(at))
      timers.set(
        at,
        setTimeout(() => end(at), delayMs),
      )
    },
    release(only) {
      for (const at of [...timers.keys()]) if (only === undefined || at === only) end(at)
    },
  }
}
