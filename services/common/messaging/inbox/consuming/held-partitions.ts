import type { GroupMember, TopicPartition } from '@boxoffice/kafka'
import type { AssignedPartition } from '../assignment/assigned-partition.ts'

/** Partitions that are not fetched for a while, so that the other partitions of their broker flow. */
export interface HeldPartitions {
  hold(at: HeldPartition, delayMs: number): void
  /** Ends the wait of this partition, or of all. A partition whose topic was created again stays paused. */
  release(at?: HeldPartition): void
  /** Pauses these partitions. From now on nothing is fetched. */
  stop(all: readonly TopicPartition[]): void
}

type HeldPartition = TopicPartition & Pick<AssignedPartition, 'isRecreated'>

export function createHeldPartitions(member: Pick<GroupMember, 'pause' | 'resume'>): HeldPartitions {
  let stopped = false
  const timers = new Map<HeldPartition, NodeJS.Timeout>()

  function end(at: HeldPartition): void {
    clearTimeout(timers.get(at))
    timers.delete(at)
    if (stopped || at.isRecreated) member.pause(at)
    else member.resume(at)
  }

  return {
    hold(at, delayMs) {
      member.pause(at)
      if (stopped) return
      clearTimeout(timers.get(at))
      timers.set(
        at,
        setTimeout(() => end(at), delayMs),
      )
    },
    release(only) {
      for (const at of only === undefined ? [...timers.keys()] : [only]) end(at)
    },
    stop(all) {
      stopped = true
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
      for (const at of all) member.pause(at)
    },
  }
}
