import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FetchedBatch } from '@boxoffice/kafka'
import { createPace, pause } from '@boxoffice/pacing'
import { type AssignedPartition, applyToBatch } from '../assignment/assigned-partition.ts'
import type { Assignment } from '../assignment/assignment.ts'
import type { BatchEvent, BatchStep, PartitionProgress } from '../assignment/partition-progress.ts'
import { type Outcomes, verdictsIn } from '../assignment/recent-poison.ts'
import { HandlerError } from '../handling/handle-messages.ts'
import { FencedError } from '../positions/positions.ts'
import { type PoolLimits, type Slice, takePool, type WaitingBatch } from './pool.ts'

/** What is done with a batch that leaves the loop. */
export type BatchAction =
  | Exclude<BatchStep, { kind: 'transact' }>
  /** This member no longer handles it. */
  | { readonly kind: 'drop' }

export interface LoopOptions {
  readonly limits: PoolLimits
  /** Runs one transaction over the slices. Throws FencedError, HandlerError, or an error that a retry can help. */
  process(slices: readonly Slice[]): Promise<Outcomes>
  isTransient(error: unknown): boolean
  /** Called for each partition of a transaction that committed; must not throw. */
  onCommitted(partition: AssignedPartition, before: PartitionProgress): void
  /** Called for each failed transaction, and without slices if the loop itself failed; must not throw. */
  onFailure(error: unknown, slices: readonly Slice[]): void
}

export interface CommittingLoop {
  /** Handles a batch; its records are committed in order, together with other batches that wait at the same time. */
  submit(assignment: Assignment, partition: AssignedPartition, batch: FetchedBatch): Promise<BatchAction>
  /** Waits until no transaction is under way. */
  settled(): Promise<void>
  /** Waits for the transaction that is under way, and drops the batches that wait. */
  stop(): Promise<void>
}

/**
 * Runs one transaction at a time over the waiting batches of all partitions, and answers each with its next action.
 */
export function startCommittingLoop(options: LoopOptions): CommittingLoop {
  const queue = new Set<QueuedBatch>()
  let running: Promise<void> | undefined
  let stopped = false
  const pace = createPace(transactionPace)

  async function run(): Promise<void> {
    try {
      // The batches of one fetch come in one after the other, within this turn.
      await nextTurn()
      for (;;) {
        const restMs = pace.restMs()
        if (restMs > 0) await pause(restMs)
        const slices = nextSlices()
        // The run ends in the same turn as this check: a batch submitted in between would wait for ever.
        if (slices.length === 0) return
        pace.begin()
        await commit(slices)
      }
    } catch (error) {
      // An event was impossible in its partition's state. The batches are fetched again, from the stored positions.
      options.onFailure(error, [])
      for (const queued of queue) queued.leave({ kind: 'drop' })
    } finally {
      running = undefined
    }
  }

  function nextSlices(): Slice<QueuedBatch>[] {
    for (const queued of queue) {
      if (stopped || queued.assignment.ended || queued.batch.isStale()) queued.leave({ kind: 'drop' })
      else applyEvent(queued, { kind: 'turn', offset: nextOffset(queued) })
    }
    return takePool(queue, options.limits)
  }

  async function commit(slices: readonly Slice<QueuedBatch>[]): Promise<void> {
    let outcomes: Outcomes
    try {
      outcomes = await options.process(slices)
    } catch (error) {
      options.onFailure(error, slices)
      for (const [queued, event] of failuresOf(slices, error, options.isTransient)) applyEvent(queued, event)
      return
    }
    pace.end(slices.reduce((messages, { records }) => messages + records.length, 0))
    for (const slice of slices) advance(slice, outcomes)
  }

  function advance({ waiting: queued, records, to }: Slice<QueuedBatch>, outcomes: Outcomes): void {
    const { partition, batch } = queued
    const before = partition.progress
    queued.done += records.length
    // To the back of the queue, so that a long batch gives the others a turn.
    queue.delete(queued)
    queue.add(queued)
    const verdicts = verdictsIn(partition, outcomes)
    const isBatchDone = queued.done === batch.records.length
    applyEvent(queued, { kind: 'committed', to, verdicts, isBatchDone })
    options.onCommitted(partition, before)
  }

  return {
    submit(assignment, partition, batch) {
      const { promise, resolve } = Promise.withResolvers<BatchAction>()
      // A batch that comes back after a failure has been committed up to its partition's position.
      const done = batch.records.findIndex((record) => record.offset >= partition.progress.position)
      const queued: QueuedBatch = {
        assignment,
        partition,
        batch,
        done: Math.max(0, done),
        leave(action) {
          queue.delete(queued)
          resolve(action)
        },
      }
      queue.add(queued)
      running ??= run()
      return promise
    },
    async settled() {
      await running
    },
    async stop() {
      stopped = true
      await running
    },
  }
}

/**
 * At low load each message is committed at once. At full load a transaction takes what a short rest has gathered: the
 * records that one send of a relay brings from all brokers.
 */
const transactionPace = { itemMs: 6, roundMsMax: 20 }

interface QueuedBatch extends WaitingBatch {
  readonly assignment: Assignment
  leave(action: BatchAction): void
}

/** Applies an event to a batch's partition. The batch stays queued only if its next messages go into a transaction. */
function applyEvent(queued: QueuedBatch, event: BatchEvent): void {
  const action = applyToBatch(queued.partition, event)
  if (action.kind !== 'transact') queued.leave(action)
}

function nextOffset({ batch, done }: WaitingBatch): bigint | undefined {
  return done === 0 ? batch.begin : batch.records[done]?.offset
}

/**
 * The event that a failed transaction is for each of its batches. If some of them are fenced, only these get one: the
 * failure says nothing about the others. If none is, all wait: the same transaction would fail again at once.
 */
function failuresOf(
  slices: readonly Slice<QueuedBatch>[],
  error: unknown,
  isTransient: (error: unknown) => boolean,
): [QueuedBatch, BatchEvent][] {
  if (error instanceof FencedError) {
    const fenced = slices.filter(({ waiting: { partition } }) => error.concerns(partition))
    if (fenced.length > 0) return fenced.map(({ waiting }) => [waiting, { kind: 'fenced' }])
    return slices.map(({ waiting, records }) => [waiting, { kind: 'failed', records: records.length }])
  }
  const [slice] = slices
  if (slice === undefined || slices.length > 1)
    return slices.map(({ waiting }) => [waiting, { kind: 'failed-together' }])
  const { waiting, records } = slice
  if (!(error instanceof HandlerError) || isTransient(error.cause))
    return [[waiting, { kind: 'failed', records: records.length }]]
  const offset = records[0]?.offset
  return [[waiting, { kind: 'threw', offset, records: records.length, error: error.cause }]]
}
