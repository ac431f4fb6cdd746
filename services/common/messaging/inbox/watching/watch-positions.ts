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
  /** Called after a partition went to a position that was moved in the database. Must not throw. */
  onMoved(partition: AssignedPartition): void
  /** Called after a partition went to a topic that was created again. Must not throw. */
  onAccepted(partition: AssignedPartition): void
  /**
   * Called after an open circuit has closed because enough of its poison was redriven or discarded. Must not throw.
   */
  onRepaired(partition: AssignedPartition, before: Circuit): void
  onFailure(error: unknown): void
}

/**
 * Checks regularly whether a position is still where this member left it. While a batch is handled, its transaction
 * notices that by itself. In a partition without new records nothing else would: neither a replay, nor a database that
 * lost its last commits, nor that the poison of an open circuit was redriven or discarded.
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
    // If a batch was handled in the meantime, what was read here may be old.
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
