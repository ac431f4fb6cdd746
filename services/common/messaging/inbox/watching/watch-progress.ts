import type { Logger, TopicLook } from '@boxoffice/kafka'
import { every, type Timer } from '@boxoffice/pacing'
import type { SqlDatabase } from '../../sql/sql.ts'
import type { AssignedPartition } from '../assignment/assigned-partition.ts'
import type { Assignment } from '../assignment/assignment.ts'
import { isOpen } from '../assignment/circuit.ts'
import { readAllPositions } from '../positions/positions.ts'
import { Absence } from './absence.ts'
import { type PartitionSight, Progress } from './progress.ts'
import { unreadBehind } from './unread.ts'

export interface WatchProgressOptions {
  readonly consumer: string
  readonly database: SqlDatabase
  /** For how long a partition may be behind and not move, or the consumer not come to read. */
  readonly stuckMs: number
  readonly log: Logger
  look(): Promise<TopicLook>
  /** What is assigned while the consumer belongs to its group. */
  assignment(): Assignment | undefined
  /** How often it failed to come to read, and said why. */
  failures(): number
  /** Called after each look; `fault` says that nothing moves. Must not throw. */
  onLook(fault: string | undefined): void
}

/** In the time that a partition may be stuck. */
const looks = 6

/**
 * Looks from time to time whether the consumer moves on. A partition that is behind and does not move counts as stopped until it
 * does; where none of them moves, or the consumer has none though there is something to read, and no error says why, something
 * hangs that only a new start helps. Where it cannot look, nothing is known to hang.
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
    // Read after the ends, so that one that moves meanwhile is not behind.
    const assigned = options.assignment()?.assigned() ?? []
    const { stuck, isStalled } = progress.look(assigned.map((partition) => sightOf(partition, ranges)))
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

/** Whether the consumer belongs to no group, or does not know where it stands, though something is unread. */
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

function sightOf(
  { topic, partition, progress, isRecreated }: AssignedPartition,
  ranges: TopicLook['ranges'],
): PartitionSight {
  const { position, failures, circuit } = progress
  const end = ranges.get(topic)?.get(partition)?.end ?? 0n
  return { topic, partition, position, end, failures, isCircuitOpen: isOpen(circuit), isRecreated }
}
