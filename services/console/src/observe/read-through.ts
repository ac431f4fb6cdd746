import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { OffsetRange } from '@boxoffice/kafka'
import { areOtherTopics } from '@boxoffice/kafka'
import { readAllPositions } from '@boxoffice/messaging/operations'
import { readClock } from '../storage/read-clock.ts'

/** Up to which moment everything that stood in the topics then has been read: an unread message is not a missing one. */
export interface ReadThrough {
  readonly time: Date | undefined
  /** Looks where topics end and how far the trail is. */
  look(ranges: () => Promise<ReadonlyMap<string, OffsetRange>>): Promise<ReadonlyMap<string, OffsetRange>>
}

/** Ends that were seen at a time. */
interface Goal {
  readonly time: Date
  readonly ends: ReadonlyMap<string, bigint>
}

export function createReadThrough(database: Database, consumer: string): ReadThrough {
  let reached: Goal | undefined
  /** Waits for the trail to get there. */
  let goal: Goal | undefined
  return {
    get time() {
      return reached?.time
    },
    async look(ranges) {
      // The clock before the ends: what was published by then is before them.
      const now = await readClock(database.em())
      const found = await ranges()
      const ends = new Map([...found].map(([place, { end }]) => [place, end]))
      goal ??= { time: now, ends }
      const positions = new Map(
        (await readAllPositions(database.em(), consumer)).map((one) => [
          `${one.topic}/${one.partition}`,
          one,
        ]),
      )
      // What is gone by now cannot be read any more: an empty partition is at rest, whatever its offsets begin with.
      const isThere = (wanted: ReadonlyMap<string, bigint>): boolean =>
        [...wanted].every(
          ([place, end]) =>
            // A position in a topic that is gone says nothing of the one that has the name now.
            !areOtherTopics(positions.get(place)?.topicId, found.get(place)?.topicId) &&
            ((found.get(place)?.begin ?? 0n) >= end || (positions.get(place)?.nextOffset ?? 0n) >= end),
        )
      // What was read is being read again, by a replay or for a trail that is built anew.
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
