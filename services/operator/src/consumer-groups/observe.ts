import { type ConsumerGroup, type GroupReader, oldestUnreadAgeMs } from '@boxoffice/kafka'
import { nextOffset } from './decide-status.ts'

export interface ObservedGroup {
  readonly group: ConsumerGroup
  /** When the oldest unread record was written; undefined if all are read. */
  readonly oldestUnread: Date | undefined
}

export interface Observer {
  /** Reads every wanted group. @throws Error if Kafka does not answer for all of them */
  observe(): Promise<ObservedGroup[]>
}

/** Observes Kafka's groups. It does not look up again what has not moved since the last round. */
export function createObserver(reader: GroupReader, isWanted: (groupId: string) => boolean): Observer {
  /** By group and topic: the group's position, and when its oldest unread record was written. */
  let known = new Map<string, { readonly place: string; readonly time: number }>()

  const oldestIn = async (group: ConsumerGroup, topic: string, now: number): Promise<number | undefined> => {
    const unread = new Map(
      group.partitions
        .filter((partition) => partition.topic === topic && partition.end > nextOffset(partition))
        .map((partition) => [partition.partition, nextOffset(partition)]),
    )
    if (unread.size === 0) return undefined
    const key = `${group.groupId}\n${topic}`
    const place = [...unread].join(' ')
    const before = known.get(key)
    if (before?.place === place) return before.time
    const ageMs = await reader.ask((admin) => oldestUnreadAgeMs(admin, topic, unread, now))
    known.set(key, { place, time: now - ageMs })
    return now - ageMs
  }

  return {
    async observe() {
      const groups = await reader.read(isWanted)
      const now = Date.now()
      const observed: ObservedGroup[] = []
      const kept: typeof known = new Map()
      for (const group of groups) {
        const times: number[] = []
        for (const topic of new Set(group.partitions.map((partition) => partition.topic))) {
          const time = await oldestIn(group, topic, now)
          if (time !== undefined) times.push(time)
          const entry = known.get(`${group.groupId}\n${topic}`)
          if (entry !== undefined && time !== undefined) kept.set(`${group.groupId}\n${topic}`, entry)
        }
        const oldestUnread = times.length === 0 ? undefined : new Date(Math.min(...times))
        observed.push({ group, oldestUnread })
      }
      known = kept
      return observed
    },
  }
}
