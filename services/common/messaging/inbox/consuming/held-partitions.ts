import type { GroupMember, TopicPartition } from '@boxoffice/kafka'

/** Partitions that are not fetched for a while, so that the others of their broker flow. */
export interface HeldPartitions {
  hold(at: TopicPartition, delayMs: number): void
  /** Lets this one be fetched again, or all of them. */
  release(at?: TopicPartition): void
}

export function createHeldPartitions(member: Pick<GroupMember, 'pause' | 'resume'>): HeldPartitions {
  const timers = new Map<TopicPartition, NodeJS.Timeout>()

  function end(at: TopicPartition): void {
    clearTimeout(timers.get(at))
    timers.delete(at)
    member.resume(at)
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
