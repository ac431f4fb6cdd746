import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { OffsetRange } from '@boxoffice/kafka'
import { areOtherTopics } from '@boxoffice/kafka'
import { readAllPositions } from '@boxoffice/messaging/operations'
import { readClock } from '../storage/read-clock.ts'

/** The time up to which the topics have been read. It distinguishes an unread message from a missing one. */
export interface ReadThrough {
  readonly time: Date | undefined
  /** Compares the ends of the topics with the trail's positions, and returns the ranges of the topics. */
  look(ranges: () => Promise<ReadonlyMap<string, OffsetRange>>): Promise<ReadonlyMap<string, OffsetRange>>
}

/** The ends of the topics at a time. */
interface Goal {
  readonly time: Date
  readonly ends: ReadonlyMap<string, bigint>
}

export function createReadThrough(database: Database, consumer: string): ReadThrough {
  let reached: Goal | undefined
  /** The ends that the trail has not reached yet. */
  let goal: Goal | undefined
  return {
    get time() {
      return reached?.time
    },
    async look(ranges) {
      // The clock is read before the ends: what was published by then is before them.
      const now = await readClock(database.em())
      const found = await ranges()
      const ends = new Map([...found].map(([place, { end }]) => [place, end]))
      goal ??= { time: now, ends }
      const positions = new Map(
        (await readAllPositions(database.em(), consumer)).map((position) => [
          `${position.topic}/${position.partition}`,
          position,
        ]),
      )
      // Deleted records cannot be read any more: an empty partition counts as read, wherever its offsets begin.
      const isThere = (wanted: ReadonlyMap<string, bigint>): boolean =>
        [...wanted].every(
          ([place, end]) =>
            // A position in a deleted topic says nothing about the topic that has the name now.
            !areOtherTopics(positions.get(place)?.topicId, found.get(place)?.topicId) &&
            ((found.get(place)?.begin ?? 0n) >= end || (positions.get(place)?.nextOffset ?? 0n) >= end),
        )
      // A replay or a rebuild of the trail reads records again.
      if (reached !== undefined && !isThere(reached.ends)) reached = undefined
      if (isThere(ends)) {
        reached = { time: now, ends }
        goal = undefined
      } else if (isThere(goal.ends)) {
        reached = goal
        goal = { time: now, ends }
      }
      return found
    },
  }
}
