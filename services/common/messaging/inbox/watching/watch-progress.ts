import type { Logger, TopicLook } from '@boxoffice/kafka'
import { every, type Timer } from '@boxoffice/pacing'
import type { SqlDatabase } from '../../sql/sql.ts'
import type { AssignedPartition } from '../assignment/assigned-partition.ts'
import type { Assignment } from '../assignment/assignment.ts'
import { isOpen } from '../assignment/circuit.ts'
import { readAllPositions } from '../positions/positions.ts'
import { Absence } from './absence.ts'
import { type PartitionSnapshot, Progress } from './progress.ts'
import { unreadBehind } from './unread.ts'

export interface WatchProgressOptions {
  readonly consumer: string
  readonly database: SqlDatabase
  /** The time for which a partition may be behind without moving, or a consumer may not come to read. */
  readonly stuckMs: number
  readonly log: Logger
  look(): Promise<TopicLook>
  /** What is assigned while the consumer belongs to its group. */
  assignment(): Assignment | undefined
  /** The number of times that it failed to come to read, and logged why. */
  failures(): number
  /** Called after each look; `fault` says that nothing moves. Must not throw. */
  onLook(fault: string | undefined): void
}

/** The number of looks in `stuckMs`. */
const looks = 6

/**
 * Checks regularly whether the consumer moves. A partition that is behind and does not move counts as stopped until it
 * moves. If none of them moves, or the consumer has none though there is something to read, and no error says why,
 * then something hangs that only a restart helps. A look that fails reports no fault.
 */
export function watchProgress(options: WatchProgressOptions): Timer {
  const { consumer, stuckMs, log, onLook } = options
  const progress = new Progress(looks)
  const absence = new Absence(looks)

  async function look(): Promise<void> {
    try {
      const seen = await options.look()
      onLook(faultIn(await isAway(options, seen), seen))
    } catch (error) {
      progress.forget()
      absence.forget()
      onLook(undefined)
      throw error
    }
  }

  function faultIn(isAway: boolean, { ranges }: TopicLook): string | undefined {
    // Positions are read after the ends, so that one that moves in the meantime is not behind.
    const assigned = options.assignment()?.assigned() ?? []
    const { stuck, isStalled } = progress.look(assigned.map((partition) => snapshotOf(partition, ranges)))
    const places = new Set(stuck.map(({ topic, partition }) => `${topic}/${partition}`))
    for (const partition of assigned) {
      const isStuck = places.has(`${partition.topic}/${partition.partition}`)
      partition.stuckAt = isStuck ? partition.progress.position : undefined
    }
    if (isStalled) {
      const standstill = { consumer, partitions: [...places], stuckMs }
      log.error(standstill, 'nothing moves, though there is something to read')
      return `consumer ${consumer} has something to read and moves nothing`
    }
    if (!absence.look({ isAway, failures: options.failures() })) return undefined
    log.error({ consumer, stuckMs }, 'the consumer does not come to read, though there is something to read')
    return `consumer ${consumer} has something to read and does not join its group`
  }

  return every(stuckMs / looks, 'watch progress', log, look)
}

/** Whether the consumer belongs to no group, or does not know its positions, though something is unread. */
async function isAway(
  { consumer, database, assignment }: WatchProgressOptions,
  seen: TopicLook,
): Promise<boolean> {
  const current = assignment()
  const isReading =
    current !== undefined && (current.partitions.length === 0 || current.assigned().length > 0)
  if (isReading) return false
  const positions = await database.transaction((sql) => readAllPositions(sql, consumer))
  return [...unreadBehind(seen, positions).values()].some(({ size }) => size > 0)
}

function snapshotOf(
  { topic, partition, progress, isRecreated }: AssignedPartition,
  ranges: TopicLook['ranges'],
): PartitionSnapshot {
  const { position, failures, circuit } = progress
  const end = ranges.get(topic)?.get(partition)?.end ?? 0n
  return { topic, partition, position, end, failures, isCircuitOpen: isOpen(circuit), isRecreated }
}
