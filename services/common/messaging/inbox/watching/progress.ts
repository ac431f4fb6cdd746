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
  /** Transactions that failed in a row. Each new one explains why it does not move: it is tried again, and a new start would not help. */
  readonly failures: number
}

export interface ProgressVerdict {
  /** Partitions that are behind and have not moved for all of the looks. */
  readonly stuck: readonly PartitionSight[]
  /** Whether nothing at all moves, and nothing is known that would explain it. */
  readonly isStalled: boolean
}

/** What the looks at a partition have seen. */
interface Standstill {
  readonly position: bigint
  readonly failures: number
  /** Looks at which it stood there. */
  readonly looks: number
  /** Those of them since its last failure: a retry that never settles is not explained by the failure before it. */
  readonly unexplained: number
}

/** Follows whether positions move where there is something to read. Counts looks, not time: a process that was paused has not been idle. */
export class Progress {
  readonly #looksMax: number
  #seen = new Map<string, Standstill>()

  constructor(looksMax: number) {
    this.#looksMax = looksMax
  }

  look(partitions: readonly PartitionSight[]): ProgressVerdict {
    const behind = partitions.filter(({ position, end, isRecreated }) => position < end && !isRecreated)
    const standstills = behind.map((sight) => ({ sight, ...this.#next(sight) }))
    this.#seen = new Map(standstills.map((standstill) => [placeOf(standstill.sight), standstill]))
    const awake = standstills.filter(({ sight }) => !sight.isCircuitOpen)
    return {
      stuck: standstills.filter(({ looks }) => looks > this.#looksMax).map(({ sight }) => sight),
      isStalled: awake.length > 0 && awake.every(({ unexplained }) => unexplained > this.#looksMax),
    }
  }

  /** What was seen says nothing about the time since. */
  forget(): void {
    this.#seen = new Map()
  }

  #next(sight: PartitionSight): Standstill {
    const { position, failures } = sight
    const before = this.#seen.get(placeOf(sight))
    if (before?.position !== position)
      return { position, failures, looks: 1, unexplained: failures === 0 ? 1 : 0 }
    const unexplained = failures === before.failures ? before.unexplained + 1 : 0
    return { position, failures, looks: before.looks + 1, unexplained }
  }
}

function placeOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
