import type { Admin } from '../../kafka/client.ts'
import { endOffsets } from '../../kafka/end-offsets.ts'
import { every, type Timer } from '../../lifecycle/every.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { AssignedPartition, Assignment } from '../assignment/assignment.ts'
import { type PartitionSight, Progress } from './progress.ts'

export interface WatchProgressOptions {
  readonly consumer: string
  readonly topics: readonly string[]
  readonly admin: Admin
  /** For how long a partition may be behind and not move. */
  readonly stuckMs: number
  readonly log: Logger
  /** What is assigned while the consumer belongs to its group. */
  assignment(): Assignment | undefined
  /** Called after each look; `fault` says that nothing moves. Must not throw. */
  onLook(fault: string | undefined): void
}

/** In the time that a partition may be stuck. */
const looks = 6

/**
 * Looks from time to time whether the consumer moves on. A partition that is behind and does not move counts as stopped until it
 * does; where none of them moves, and no error says why, something hangs that only a new start helps.
 */
export function watchProgress(options: WatchProgressOptions): Timer {
  const { consumer, topics, admin, stuckMs, log, onLook } = options
  const progress = new Progress(looks)

  async function look(): Promise<void> {
    const assignment = options.assignment()
    const ends = new Map<string, ReadonlyMap<number, bigint>>()
    if (assignment !== undefined) for (const topic of topics) ends.set(topic, await endOffsets(admin, topic))
    // Read after the ends, so that one that moves meanwhile is not behind.
    const assigned = assignment?.assigned() ?? []
    const { stuck, isStalled } = progress.look(assigned.map((one) => sightOf(one, ends)))
    const places = new Set(stuck.map(({ topic, partition }) => `${topic}/${partition}`))
    for (const one of assigned) one.stuck = places.has(`${one.topic}/${one.partition}`)
    if (isStalled)
      log.error(
        { consumer, partitions: [...places], stuckMs },
        'nothing moves, though there is something to read',
      )
    onLook(isStalled ? `consumer ${consumer} has something to read and moves nothing` : undefined)
  }

  return every(stuckMs / looks, 'watch progress', log, look)
}

function sightOf(
  { topic, partition, position, poison, failures, isRecreated }: AssignedPartition,
  ends: ReadonlyMap<string, ReadonlyMap<number, bigint>>,
): PartitionSight {
  const end = ends.get(topic)?.get(partition) ?? 0n
  return { topic, partition, position, end, failures, isResting: poison.stopped, isRecreated }
}
