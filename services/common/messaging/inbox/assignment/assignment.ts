import type { TopicPartition } from '@boxoffice/kafka'
import { areOtherTopics } from '@boxoffice/kafka'
import type { LocatedPosition } from '../positions/positions.ts'
import { type AssignedPartition, applyToBatch, isIdle, isStuck } from './assigned-partition.ts'
import { type Circuit, isOpen } from './circuit.ts'
import { type BatchStep, newProgress, type ProgressRules } from './partition-progress.ts'

/** The position at which a partition begins when it is assigned, and the poison before it. */
export interface StartPosition extends LocatedPosition {
  /** The offsets of its latest messages that are put aside as poison, not because they wait behind another one. */
  readonly recentPoison: readonly bigint[]
}

/** The partitions of one generation of the group. When the next one comes, this one has ended. */
export class Assignment {
  readonly partitions: readonly TopicPartition[]
  /** Resolves when the positions are known, or when the generation has ended. */
  readonly located: Promise<void>
  readonly #located = Promise.withResolvers<void>()
  readonly #assigned = new Map<string, AssignedPartition>()
  readonly #onMoved: (partition: AssignedPartition, before: Circuit) => void
  #ended = false

  /** @param onMoved - called after each move, with the circuit before it, which a new topic closes. Must not throw */
  constructor(
    partitions: readonly TopicPartition[],
    onMoved: (partition: AssignedPartition, before: Circuit) => void = () => {},
  ) {
    this.partitions = partitions
    this.#onMoved = onMoved
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

  locate(positions: readonly StartPosition[], rules: ProgressRules): void {
    for (const { topic, partition, nextOffset, topicId, isRecreated, recentPoison } of positions) {
      this.#assigned.set(`${topic}/${partition}`, {
        topic,
        partition,
        topicId,
        isRecreated,
        rules,
        progress: newProgress(nextOffset, rules, recentPoison),
        handling: false,
        storing: false,
        stuckAt: undefined,
      })
    }
    this.#located.resolve()
  }

  /** Moves a partition and forgets the attempts at its old position. @param topicId - the topic of the offset */
  moveTo(partition: AssignedPartition, nextOffset: bigint, topicId: string | undefined): BatchStep {
    const isOtherTopic = areOtherTopics(topicId, partition.topicId)
    const { circuit } = partition.progress
    partition.topicId = topicId
    const action = applyToBatch(partition, { kind: 'moved', to: nextOffset, isOtherTopic })
    this.#onMoved(partition, circuit)
    return action
  }

  /** The partitions without a batch that is being handled and without a position that is being stored. */
  idle(): AssignedPartition[] {
    return this.#ended ? [] : [...this.#assigned.values()].filter(isIdle)
  }

  /** The partitions whose position is known. */
  assigned(): AssignedPartition[] {
    return this.#ended ? [] : [...this.#assigned.values()]
  }

  /** The number of partitions that do not go on: their circuit is open, or they are behind and do not move. */
  get stoppedPartitions(): number {
    return this.assigned().filter((partition) => isOpen(partition.progress.circuit) || isStuck(partition))
      .length
  }

  partition({ topic, partition }: TopicPartition): AssignedPartition | undefined {
    return this.#ended ? undefined : this.#assigned.get(`${topic}/${partition}`)
  }
}
