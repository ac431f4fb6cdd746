import type { FetchedBatch } from '@boxoffice/kafka'
import type { AssignedPartition } from '../../messaging/inbox/assignment/assigned-partition.ts'
import { newProgress, type ProgressRules } from '../../messaging/inbox/assignment/partition-progress.ts'
import type { Outcomes } from '../../messaging/inbox/assignment/recent-poison.ts'

/** A batch of `count` records from `begin` on, each with this number of bytes. */
export function batchOf(partition: number, begin: number, count: number, bytes = 1): FetchedBatch {
  return {
    topic: 'test',
    partition,
    begin: BigInt(begin),
    end: BigInt(begin + count),
    highWatermark: BigInt(begin + count),
    records: Array.from({ length: count }, (_, index) => ({
      topic: 'test',
      partition,
      offset: BigInt(begin + index),
      key: null,
      value: Buffer.alloc(bytes),
      headers: {},
    })),
    receivedAtMs: 0,
    isStale: () => false,
    resolve() {},
  }
}

/** A partition that has not been read yet. */
export function partitionOf(partition: number): AssignedPartition {
  return {
    topic: 'test',
    partition,
    topicId: undefined,
    isRecreated: false,
    rules,
    progress: newProgress(0n, rules),
    handling: false,
    storing: false,
    stuckAt: undefined,
  }
}

/** The outcomes of a transaction that reports nothing of its messages. */
export const noOutcomes: Outcomes = { handled: [], passedOver: [], putAside: [] }

const rules: ProgressRules = { batchLimitMax: 500, attemptsMax: 3, poisonWindow: 20 }
