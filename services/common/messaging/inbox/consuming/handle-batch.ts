import { setTimeout as sleep } from 'node:timers/promises'
import type { FetchedBatch } from '@boxoffice/kafka'
import { backoffMs } from '@boxoffice/pacing'
import { type AssignedPartition, applyToBatch } from '../assignment/assigned-partition.ts'
import type { Assignment } from '../assignment/assignment.ts'
import { coolDownMs } from '../assignment/circuit.ts'
import { relocate } from '../assignment/locate.ts'
import type { BatchStep } from '../assignment/partition-progress.ts'
import type { BatchAction } from './committing-loop.ts'
import type { ConsumerParts } from './consumer-parts.ts'

/**
 * Follows a batch until it is committed, is given back to be fetched later, or is left for another position. The
 * partition's progress alone decides what comes next. A stale batch decides nothing any more: a newer one does.
 */
export async function handleBatch(
  parts: ConsumerParts,
  assignment: Assignment,
  partition: AssignedPartition,
  batch: FetchedBatch,
): Promise<void> {
  const { settings, member, held, loop } = parts

  function giveBack(delayMs: number): void {
    batch.resolve(partition.progress.position)
    held.hold(partition, delayMs)
  }

  let action: BatchStep | BatchAction = applyToBatch(partition, { kind: 'fetched' })
  while (!assignment.ended) {
    if (batch.isStale()) {
      // An open circuit cools down even if the batch that opened it is stale.
      if (action.kind === 'cool-down') held.hold(partition, coolDownMs(action.openings, settings))
      return
    }
    switch (action.kind) {
      case 'transact':
        action = await loop.submit(assignment, partition, batch)
        break
      case 'relocate':
        action = await findPosition(parts, assignment, partition, batch)
        break
      case 'back-off': {
        const delayMs = backoffMs(action.failures, settings.retryBaseMs, settings.retryCapMs)
        if (delayMs > settings.retryHoldMaxMs) return giveBack(delayMs)
        await sleep(delayMs)
        action = { kind: 'transact' }
        break
      }
      case 'cool-down':
        return giveBack(coolDownMs(action.openings, settings))
      case 'seek':
        return member.seek(partition, partition.progress.position)
      case 'resolve':
        return batch.resolve(partition.progress.position)
      case 'drop':
        return
      default:
        return action satisfies never
    }
  }
}

async function findPosition(
  { observer, locateOptions }: ConsumerParts,
  assignment: Assignment,
  partition: AssignedPartition,
  batch: FetchedBatch,
): Promise<BatchStep | BatchAction> {
  const isOver = (): boolean => assignment.ended || batch.isStale()
  observer.offsetMismatch()
  try {
    const { nextOffset, topicId } = await relocate(locateOptions, partition, batch)
    // A newer batch may have moved the partition on.
    if (isOver()) return { kind: 'drop' }
    return assignment.moveTo(partition, nextOffset, topicId)
  } catch (error) {
    observer.lost(error)
    if (isOver()) return { kind: 'drop' }
    return applyToBatch(partition, { kind: 'not-located' })
  }
}
