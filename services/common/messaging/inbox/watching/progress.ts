import type { TopicPartition } from '@boxoffice/kafka'

/** An assigned partition at the time of a look. */
export interface PartitionSight extends TopicPartition {
  readonly position: bigint
  /** Where its topic ended. */
  readonly end: bigint
  /** Whether it waits on purpose: most of its recent messages are poison. */
  readonly isCircuitOpen: boolean
  /** Whether another topic has its name now: its position and end are of different topics, and say nothing together. */
  readonly isRecreated: boolean
  /** Transactions that failed in a row: they are tried again, and starting anew would not help. */
  readonly failures: number
}

export interface ProgressVerdict {
  /** Partitions that are behind and have not moved for all of the looks. */
  readonly stuck: readonly PartitionSight[]
  /** Whether nothing at all moves, and nothing is known that would explain it. */
  readonly isStalled: boolean
}

/** Follows whether positions move where there is something to read. Counts looks, not time: a process that was paused has not been idle. */
export class Progress {
  readonly #looksMax: number
  #seen = new Map<string, { readonly position: bigint; readonly looks: number }>()

  constructor(looksMax: number) {
    this.#looksMax = looksMax
  }

  look(partitions: readonly PartitionSight[]): ProgressVerdict {
    const behind = partitions.filter(({ position, end, isRecreated }) => position < end && !isRecreated)
    this.#seen = new Map(behind.map((sight) => [placeOf(sight), this.#next(sight)]))
    const isStuck = (sight: PartitionSight): boolean =>
      (this.#seen.get(placeOf(sight))?.looks ?? 0) > this.#looksMax
    const awake = behind.filter(({ isCircuitOpen }) => !isCircuitOpen)
    return {
      stuck: behind.filter(isStuck),
      isStalled: awake.length > 0 && awake.every((sight) => isStuck(sight) && sight.failures === 0),
    }
  }

  /** What was seen says nothing about the time since. */
  forget(): void {
    this.#seen = new Map()
  }

  #next(sight: PartitionSight): { readonly position: bigint; readonly looks: number } {
    const { position } = sight
    const before = this.#seen.get(placeOf(sight))
    return { position, looks: before?.position === position ? before.looks + 1 : 1 }
  }
}

function placeOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
