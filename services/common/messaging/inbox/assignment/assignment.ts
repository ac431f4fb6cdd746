import type { TopicPartition } from '@boxoffice/kafka'
import type { Poison } from '../../message/poison.ts'
import type { LocatedPosition } from '../positions/positions.ts'
import { PoisonWindow } from './poison-window.ts'

/** A partition while it is assigned to this member: where it stands, and how its last attempts went. */
export interface AssignedPartition extends TopicPartition {
  /** What this member reads next: all before it was handled, put aside or passed over. */
  position: bigint
  /** The stored position, as this member last read or wrote it. Behind `position` by what was only passed over since. */
  stored: bigint
  /** The offsets of the records that were passed over since the stored position was written. */
  passedOver: readonly bigint[]
  /** Whether the stored position is being written, outside the transaction of a batch. */
  storing: boolean
  /** Whose offsets these are; undefined where the brokers tell no ids. */
  topicId: string | undefined
  /** Whether another topic has its name now: nothing of that is read before an operator has decided. */
  isRecreated: boolean
  /** Messages that go into its next transaction, at most: halved when one fails, doubled when one commits. */
  limit: number
  /** Whether it shares transactions; not while it may hold what made the last one fail. */
  alone: boolean
  /** How often its next message has been tried alone. */
  attempts: number
  /** Transactions that failed in a row and that a retry can help. */
  failures: number
  /** The message at the position, once it has been tried often enough. */
  condemned: Condemned | undefined
  /** Whether it is behind and has not moved for a while. */
  stuck: boolean
  /** Whether a batch of it is being handled, which tells if somebody moves its position. */
  handling: boolean
  /** How its recent messages went. */
  readonly poison: PoisonWindow
}

export interface Condemned {
  readonly offset: bigint
  readonly poison: Poison
}

/** Where a partition stands when it is assigned. */
export interface Located extends LocatedPosition {
  /** The offsets of those of its latest messages that are put aside for what they are. */
  readonly recentPoison: readonly bigint[]
}

/** The partitions of one generation of the group. When the next one comes, this one has ended. */
export class Assignment {
  readonly partitions: readonly TopicPartition[]
  /** Resolves when the positions are known, or when it has ended. */
  readonly located: Promise<void>
  readonly #located = Promise.withResolvers<void>()
  readonly #assigned = new Map<string, AssignedPartition>()
  #ended = false

  constructor(partitions: readonly TopicPartition[]) {
    this.partitions = partitions
    this.located = this.#located.promise
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Whether all its partitions have a position, in the topics that there are. */
  get ready(): boolean {
    const isRecreated = [...this.#assigned.values()].some((partition) => partition.isRecreated)
    return !this.#ended && !isRecreated && this.#assigned.size === this.partitions.length
  }

  end(): void {
    this.#ended = true
    this.#located.resolve()
  }

  locate(positions: readonly Located[], limit: number, poisonWindow: number): void {
    for (const { topic, partition, nextOffset, topicId, isRecreated, recentPoison } of positions) {
      const poison = new PoisonWindow(poisonWindow, recentPoison)
      const begun = {
        ...beginAt(nextOffset, poison.stopped ? 1 : limit),
        alone: poison.stopped,
        handling: false,
        storing: false,
        topicId,
        isRecreated,
        poison,
      }
      this.#assigned.set(`${topic}/${partition}`, { topic, partition, ...begun })
    }
    this.#located.resolve()
  }

  /** Forgets how the attempts at another position went. @param topicId - whose offset the position is */
  moveTo(partition: AssignedPartition, nextOffset: bigint, topicId: string | undefined): void {
    Object.assign(partition, { ...beginAt(nextOffset, partition.limit), topicId })
  }

  /** The partitions of which no batch is being handled and no position written. */
  idle(): AssignedPartition[] {
    return this.#ended ? [] : [...this.#assigned.values()].filter(isIdle)
  }

  /** Those whose position is known. */
  assigned(): AssignedPartition[] {
    return this.#ended ? [] : [...this.#assigned.values()]
  }

  /** How many partitions do not go on: most of their recent messages are poison, or they are behind and do not move. */
  get stoppedPartitions(): number {
    return this.assigned().filter(({ poison, stuck }) => poison.stopped || stuck).length
  }

  partition({ topic, partition }: TopicPartition): AssignedPartition | undefined {
    return this.#ended ? undefined : this.#assigned.get(`${topic}/${partition}`)
  }
}

export function isIdle({ handling, storing }: AssignedPartition): boolean {
  return !handling && !storing
}

/** The state of a partition whose next message has not been tried yet, and whose position is stored. */
export function beginAt(
  position: bigint,
  limit: number,
): Omit<
  AssignedPartition,
  keyof TopicPartition | 'topicId' | 'isRecreated' | 'handling' | 'storing' | 'poison'
> {
  const untried = { alone: false, attempts: 0, failures: 0, condemned: undefined, stuck: false }
  return { position, stored: position, passedOver: [], limit, ...untried }
}
