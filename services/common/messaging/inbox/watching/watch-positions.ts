import type { SqlDatabase } from '../../sql/sql.ts'
import { type AssignedPartition, apply, isIdle } from '../assignment/assigned-partition.ts'
import type { Assignment } from '../assignment/assignment.ts'
import { type Circuit, isOpen } from '../assignment/circuit.ts'
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
  /** Called when an open circuit has closed, as enough of its poison has been redriven or discarded. Must not throw. */
  onRepaired(partition: AssignedPartition, before: Circuit): void
  onFailure(error: unknown): void
}

/**
 * Looks from time to time whether a position is still where this member left it. A batch that is handled finds out by
 * itself; but in a partition into which nothing is written, nothing else would notice that a replay, or a database that
 * came back without its last commits, wants its past read again; or that the poison for which its circuit is open is
 * redriven or discarded.
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
    const seen = new Map(assignment?.idle().map((partition) => [partition, partition.progress.stored]))
    if (assignment === undefined || seen.size === 0) return
    const open = [...seen.keys()].filter(({ progress }) => isOpen(progress.circuit))
    const [stored, putAside] = await database.transaction(async (sql) => [
      await readPositions(sql, consumer, [...seen.keys()]),
      open.length === 0 ? [] : await stillPutAside(sql, consumer, open),
    ])
    // If it has been handled meanwhile, what was read here may be old.
    const isAsSeen = (partition: AssignedPartition): boolean =>
      !assignment.ended && isIdle(partition) && seen.get(partition) === partition.progress.stored
    open.forEach((partition, nth) => {
      if (!isAsSeen(partition)) return
      const { circuit } = partition.progress
      const { kind } = apply(partition, { kind: 'repaired', putAside: putAside[nth] ?? new Set() })
      if (kind === 'release') options.onRepaired(partition, circuit)
    })
    for (const { nextOffset, topicId, ...at } of stored) {
      const partition = assignment.partition(at)
      if (partition === undefined || !isAsSeen(partition)) continue
      const isAccepted = topicId !== undefined && topicId !== partition.topicId
      if (nextOffset === partition.progress.stored && !isAccepted) continue
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
