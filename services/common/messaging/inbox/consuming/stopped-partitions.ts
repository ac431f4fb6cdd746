import type { AssignedPartition, Assignment } from '../assignment/assignment.ts'
import { outcomesIn } from '../assignment/recent-poison.ts'
import type { ConsumerSettings } from './consumer-settings.ts'
import type { HeldPartitions } from './held-partitions.ts'
import type { ConsumerObserver } from './observe.ts'
import type { Processed } from './process-slices.ts'

/** Partitions that stopped because they are mostly poison: each tries one message from time to time, until it flows again. */
export interface StoppedPartitions {
  /** Judges a partition by what became of its latest messages. */
  judge(partition: AssignedPartition, processed: Processed): void
  /** Lets a partition flow again: most of its recent poison was redriven or discarded. */
  mended(partition: AssignedPartition): void
  /** How long it rests before its next attempt: twice as long after each in vain. */
  restMs(partition: AssignedPartition): number
  /** Tells the metric how many there are. */
  count(): void
}

export function createStoppedPartitions(
  observer: ConsumerObserver,
  held: HeldPartitions,
  settings: ConsumerSettings,
  assignment: () => Assignment | undefined,
): StoppedPartitions {
  function restMs({ poison: { stops } }: AssignedPartition): number {
    return Math.min(settings.stoppedCapMs, settings.stoppedBaseMs * 2 ** Math.min(stops - 1, 30))
  }

  function count(): void {
    const current = assignment()
    if (current !== undefined) observer.stoppedPartitions(current.stoppedPartitions)
  }

  return {
    judge(partition, processed) {
      const { poison } = partition
      const stopsBefore = poison.stops
      poison.count(outcomesIn(partition, processed))
      if (poison.stops !== stopsBefore) observer.judged(partition, poison, restMs(partition))
      count()
    },
    mended(partition) {
      observer.judged(partition, partition.poison, 0)
      count()
      held.release(partition)
    },
    restMs,
    count,
  }
}
