import type { SqlDatabase } from '../../sql/sql.ts'
import { type AssignedPartition, type Assignment, isIdle } from '../assignment/assignment.ts'
import { stillPutAside } from '../assignment/recent-poison.ts'
import { readPositions } from '../positions/positions.ts'

export interface WatchOptions {
  readonly consumer: string
  readonly database: SqlDatabase
  readonly intervalMs: number
  assignment(): Assignment | undefined
  /** Called when a partition's position has been moved; it stands there already. Must not throw. */
  onMoved(partition: AssignedPartition): void
  /** The same, into a topic that was created again. Must not throw. */
  onAccepted(partition: AssignedPartition): void
  /** Called when a partition that had stopped flows again, as its poison has been redriven or discarded. Must not throw. */
  onMended(partition: AssignedPartition): void
  onFailure(error: unknown): void
}

/**
 * Looks from time to time whether a position is still where this member left it. A batch that is handled finds out by
 * itself; but in a partition into which nothing is written, nobody else would notice that a replay, or a database that
 * came back without its last commits, wants its past read again; or that the poison for which it has stopped is mended.
 */
export function watchPositions(options: WatchOptions): { stop(): Promise<void> } {
  const { consumer, database, intervalMs } = options
  let stopped = false
  let looking: Promise<void> | undefined
  let timer = setTimeout(begin, intervalMs)

  function begin(): void {
    looking = look()
      .catch(options.onFailure)
      .finally(() => {
        looking = undefined
        if (!stopped) timer = setTimeout(begin, intervalMs)
      })
  }

  async function look(): Promise<void> {
    const assignment = options.assignment()
    const seen = new Map(assignment?.idle().map((partition) => [partition, partition.stored]))
    if (assignment === undefined || seen.size === 0) return
    const stopped = [...seen.keys()].filter(({ poison }) => poison.stopped)
    const [stored, putAside] = await database.transaction(async (sql) => [
      await readPositions(sql, consumer, [...seen.keys()]),
      stopped.length === 0 ? [] : await stillPutAside(sql, consumer, stopped),
    ])
    // If it has been handled meanwhile, what was read here may be old.
    const isAsSeen = (partition: AssignedPartition): boolean =>
      !assignment.ended && isIdle(partition) && seen.get(partition) === partition.stored
    stopped.forEach((partition, nth) => {
      if (!isAsSeen(partition) || !partition.poison.mend(putAside[nth] ?? new Set())) return
      options.onMended(partition)
    })
    for (const { nextOffset, topicId, ...at } of stored) {
      const partition = assignment.partition(at)
      if (partition === undefined || !isAsSeen(partition)) continue
      const isAccepted = topicId !== undefined && topicId !== partition.topicId
      if (nextOffset === partition.stored && !isAccepted) continue
      assignment.moveTo(partition, nextOffset, topicId)
      if (isAccepted) options.onAccepted(partition)
      else options.onMoved(partition)
    }
  }

  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await looking
    },
  }
}
