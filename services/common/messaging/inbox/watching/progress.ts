import type { TopicPartition } from '@boxoffice/kafka'

/** What a look finds of an assigned partition. */
export interface PartitionSnapshot extends TopicPartition {
  readonly position: bigint
  /** The end of its log. */
  readonly end: bigint
  /** Whether it waits on purpose: most of its recent messages are poison. */
  readonly isCircuitOpen: boolean
  /** Whether its topic was created again: its position and its end are of different topics, and cannot be compared. */
  readonly isRecreated: boolean
  /**
   * Transactions that failed in a row. A new failure explains a standstill: a retry follows, a restart would not help.
   */
  readonly failures: number
}

export interface ProgressVerdict {
  /** Partitions that are behind and have not moved for all of the looks. */
  readonly stuck: readonly PartitionSnapshot[]
  /** Whether no partition moves, and no failure explains that. */
  readonly isStalled: boolean
}

/** What the looks at a partition have found. */
interface Standstill {
  readonly position: bigint
  readonly failures: number
  /** The number of looks at which it was there. */
  readonly looks: number
  /** The number of these since its last failure: an old failure does not explain a retry that never ends. */
  readonly unexplained: number
}

/**
 * Notices positions that are behind and do not move. Counts looks, not time: a process that was paused was not idle.
 */
export class Progress {
  readonly #looksMax: number
  #seen = new Map<string, Standstill>()

  constructor(looksMax: number) {
    this.#looksMax = looksMax
  }

  look(partitions: readonly PartitionSnapshot[]): ProgressVerdict {
    const behind = partitions.filter(({ position, end, isRecreated }) => position < end && !isRecreated)
    const standstills = behind.map((snapshot) => ({ snapshot, ...this.#next(snapshot) }))
    this.#seen = new Map(standstills.map((standstill) => [placeOf(standstill.snapshot), standstill]))
    const awake = standstills.filter(({ snapshot }) => !snapshot.isCircuitOpen)
    return {
      stuck: standstills.filter(({ looks }) => looks > this.#looksMax).map(({ snapshot }) => snapshot),
      isStalled: awake.length > 0 && awake.every(({ unexplained }) => unexplained > this.#looksMax),
    }
  }

  /** Forgets what the looks have found, once it says nothing about the present. */
  forget(): void {
    this.#seen = new Map()
  }

  #next(snapshot: PartitionSnapshot): Standstill {
    const { position, failures } = snapshot
    const before = this.#seen.get(placeOf(snapshot))
    if (before?.position !== position)
      return { position, failures, looks: 1, unexplained: failures === 0 ? 1 : 0 }
    const unexplained = failures === before.failures ? before.unexplained + 1 : 0
    return { position, failures, looks: before.looks + 1, unexplained }
  }
}

function placeOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
