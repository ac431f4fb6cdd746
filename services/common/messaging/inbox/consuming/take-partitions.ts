import { setTimeout as sleep } from 'node:timers/promises'
import type { TopicPartition } from '@boxoffice/kafka'
import { backoffMs } from '@boxoffice/pacing'
import { Assignment } from '../assignment/assignment.ts'
import { locate } from '../assignment/locate.ts'
import { withRecentPoison } from '../assignment/recent-poison.ts'
import type { ConsumerParts } from './consumer-parts.ts'
import { goOn } from './go-on.ts'

/** Ends the former generation and goes to the stored position of each partition, retrying until that succeeds. */
export function takePartitions(parts: ConsumerParts, partitions: readonly TopicPartition[]): void {
  parts.assignment?.end()
  parts.held.release()
  parts.passing.clear()
  parts.commits.clear()
  parts.assignment = new Assignment(partitions, parts.circuits.changed)
  void seekToPositions(parts, parts.assignment)
}

async function seekToPositions(parts: ConsumerParts, assignment: Assignment): Promise<void> {
  const { loop, passing, settings, observer } = parts
  // A transaction that is under way may still move a position.
  await Promise.all([loop.settled(), passing.settled()])
  for (let failures = 1; !assignment.ended; failures++) {
    try {
      await seekOnce(parts, assignment)
      return
    } catch (error) {
      parts.locateFailures += 1
      observer.lost(error)
      await sleep(backoffMs(failures, settings.retryBaseMs, settings.retryCapMs))
    }
  }
}

async function seekOnce(parts: ConsumerParts, assignment: Assignment): Promise<void> {
  const { locateOptions, settings, commits, circuits } = parts
  const located = await locate(locateOptions, assignment.partitions)
  const positions = await withRecentPoison(located, { ...locateOptions, window: settings.poisonWindow })
  if (assignment.ended) return
  assignment.locate(positions, { ...settings, batchLimitMax: settings.poolMessagesMax })
  for (const position of positions) {
    goOn(parts, position, position.isRecreated)
    // Also if nothing new comes in the partition: a lag tool shows one without an offset as unread.
    if (!position.isRecreated) commits.moved(position, position.nextOffset)
  }
  circuits.count()
}
