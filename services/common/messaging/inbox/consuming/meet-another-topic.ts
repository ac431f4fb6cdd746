import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs } from '@boxoffice/pacing'
import { type AssignedPartition, apply } from '../assignment/assigned-partition.ts'
import type { Assignment } from '../assignment/assignment.ts'
import { locate } from '../assignment/locate.ts'
import type { ConsumerParts } from './consumer-parts.ts'
import { goOn } from './go-on.ts'

/**
 * Finds where to go on after a batch of another topic than its partition's position: it was fetched before the new
 * topic was accepted, or the topic was created again.
 */
export async function meetAnotherTopic(
  parts: ConsumerParts,
  assignment: Assignment,
  partition: AssignedPartition,
): Promise<void> {
  const { locateOptions, observer, member } = parts
  // It came although the partition was paused: without another pause it comes again, until an operator decides.
  if (partition.isRecreated) return member.pause(partition)
  try {
    const [located] = await locate(locateOptions, [partition])
    if (assignment.ended || located === undefined || partition.isRecreated) return
    const { nextOffset, topicId, isRecreated } = located
    const isKnown = topicId === partition.topicId && nextOffset === partition.progress.stored
    if (!isKnown) assignment.moveTo(partition, nextOffset, topicId)
    // Kafka's answers contradict each other: they will agree.
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
