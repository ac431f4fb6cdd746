import type { TopicPartition } from '../kafka/consumed-record.ts'
import type { GroupMember } from '../kafka/group-member.ts'

/** Partitions that are not fetched for a while, so that the others of their broker flow. */
export interface HeldPartitions {
  hold(at: TopicPartition, delayMs: number): void
  /** Lets all of them be fetched again. */
  release(): void
}

export function createHeldPartitions(member: Pick<GroupMember, 'pause' | 'resume'>): HeldPartitions {
  const timers = new Map<TopicPartition, NodeJS.Timeout>()

  function release(at: TopicPartition): void {
    clearTimeout(timers.get(at))
    timers.delete(at)
    member.resume(at)
  }

  return {
    hold(at, delayMs) {
      member.pause(at)
      timers.set(
        at,
        setTimeout(() => release(at), delayMs),
      )
    },
    release() {
      for (const at of [...timers.keys()]) release(at)
    },
  }
}
