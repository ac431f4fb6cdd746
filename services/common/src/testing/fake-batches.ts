import type { FetchedBatch } from '@boxoffice/kafka'
import type { AssignedPartition } from '../../messaging/inbox/assignment/assignment.ts'
import { PoisonWindow } from '../../messaging/inbox/assignment/poison-window.ts'

/** A batch of `count` records from `begin` on, each of so many bytes. */
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
    position: 0n,
    stored: 0n,
    passedOver: [],
    limit: 500,
    alone: false,
    attempts: 0,
    failures: 0,
    condemned: undefined,
    stuck: false,
    handling: false,
    storing: false,
    topicId: undefined,
    isRecreated: false,
    poison: new PoisonWindow(20),
  }
}
