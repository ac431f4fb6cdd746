import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs } from '@boxoffice/pacing'
import { type AssignedPartition, apply } from '../assignment/assigned-partition.ts'
import type { Assignment } from '../assignment/assignment.ts'
import { locate } from '../assignment/locate.ts'
import type { ConsumerParts } from './consumer-parts.ts'
import { goOn } from './go-on.ts'

/** Finds out where to go on after a batch of another topic than the position's: fetched before it was accepted, or of one made again. */
export async function meetAnotherTopic(
  parts: ConsumerParts,
  assignment: Assignment,
  partition: AssignedPartition,
): Promise<void> {
  const { locating, observer, member } = parts
  // Fetched all the same: without the pause it is fetched again at once, for as long as no operator decides.
  if (partition.isRecreated) return member.pause(partition)
  try {
    const [located] = await locate(locating, [partition])
    if (assignment.ended || located === undefined || partition.isRecreated) return
    const { nextOffset, topicId, isRecreated } = located
    const isKnown = topicId === partition.topicId && nextOffset === partition.progress.stored
    if (!isKnown) assignment.moveTo(partition, nextOffset, topicId)
    // Kafka's answers contradict one another: they will agree.
    else if (!isRecreated) await backOff(parts, partition)
    if (!assignment.ended) goOn(parts, partition, isRecreated)
  } catch (error) {
    observer.lost(error)
    await backOff(parts, partition)
    if (!assignment.ended) member.seek(partition, partition.progress.position)
  }
}

async function backOff({ settings }: ConsumerParts, partition: AssignedPartition): Promise<void> {
  apply(partition, { kind: 'not-located' })
  const delayMs = backoffMs(partition.progress.failures, settings.retryBaseMs, settings.retryCapMs)
  await sleep(Math.min(delayMs, settings.retryHoldMaxMs))
}
