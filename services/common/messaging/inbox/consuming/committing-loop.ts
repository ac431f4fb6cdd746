import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FetchedBatch } from '@boxoffice/kafka'
import { createPace } from '@boxoffice/pacing'
import { type AssignedPartition, applyToBatch } from '../assignment/assigned-partition.ts'
import type { Assignment } from '../assignment/assignment.ts'
import type { BatchEvent, BatchStep, PartitionProgress } from '../assignment/partition-progress.ts'
import { type Outcomes, outcomesIn } from '../assignment/recent-poison.ts'
import { HandlerError } from '../handling/handle-messages.ts'
import { FencedError } from '../positions/positions.ts'
import { type PoolLimits, type Slice, takePool, type WaitingBatch } from './pool.ts'

/** What is to be done with a batch that leaves the loop. */
export type BatchAction =
  | Exclude<BatchStep, { kind: 'transact' }>
  /** It is not this member's to handle any more. */
  | { readonly kind: 'drop' }

export interface LoopOptions {
  readonly limits: PoolLimits
  /** One transaction over the slices; throws FencedError, HandlerError, or what a retry can help. */
  process(slices: readonly Slice[]): Promise<Outcomes>
  isTransient(error: unknown): boolean
  /** Called for each partition of a transaction that committed; must not throw. */
  onCommitted(partition: AssignedPartition, before: PartitionProgress): void
  /** Called for each transaction that failed, and without slices where the loop itself did; must not throw. */
  onFailure(error: unknown, slices: readonly Slice[]): void
}

export interface CommittingLoop {
  /** Handles a batch; its records are committed in their order, together with what waits at the same time. */
  submit(assignment: Assignment, partition: AssignedPartition, batch: FetchedBatch): Promise<BatchAction>
  /** Waits until no transaction is under way. */
  settled(): Promise<void>
  /** Lets the transaction under way end and drops what waits. */
  stop(): Promise<void>
}

/** Runs one transaction at a time over the batches of all partitions that wait, and reports to each how it went. */
export function startCommittingLoop(options: LoopOptions): CommittingLoop {
  const waiting = new Set<Waiting>()
  let running: Promise<void> | undefined
  let stopped = false
  const pace = createPace(transactionPace)

  async function run(): Promise<void> {
    try {
      // The batches of one fetch come in one after the other, within this turn.
      await nextTurn()
      for (;;) {
        await pace.rest()
        const slices = nextSlices()
        // Ends within this turn: a batch that came after the look would wait for ever.
        if (slices.length === 0) return
        pace.begin(slices.reduce((messages, { records }) => messages + records.length, 0))
        await commit(slices)
      }
    } catch (error) {
      // A partition had what its state cannot have. What waits is fetched again, and begins at the stored positions.
      options.onFailure(error, [])
      for (const one of waiting) one.leave({ kind: 'drop' })
    } finally {
      running = undefined
    }
  }

  function nextSlices(): Slice<Waiting>[] {
    for (const one of waiting) {
      if (stopped || one.assignment.ended || one.batch.isStale()) one.leave({ kind: 'drop' })
      else obey(one, { kind: 'turn', offset: nextOffset(one) })
    }
    return takePool(waiting, options.limits)
  }

  async function commit(slices: readonly Slice<Waiting>[]): Promise<void> {
    let outcomes: Outcomes
    try {
      outcomes = await options.process(slices)
    } catch (error) {
      options.onFailure(error, slices)
      for (const [one, event] of failuresOf(slices, error, options.isTransient)) obey(one, event)
      return
    }
    for (const slice of slices) advance(slice, outcomes)
  }

  function advance({ waiting: one, records, to }: Slice<Waiting>, outcomes: Outcomes): void {
    const { partition, batch } = one
    const before = partition.progress
    one.done += records.length
    // To the back: a long batch lets the others have their turn.
    waiting.delete(one)
    waiting.add(one)
    const verdicts = outcomesIn(partition, outcomes)
    obey(one, { kind: 'committed', to, verdicts, isBatchDone: one.done === batch.records.length })
    options.onCommitted(partition, before)
  }

  return {
    submit(assignment, partition, batch) {
      const { promise, resolve } = Promise.withResolvers<BatchAction>()
      // A batch that comes back after a failure has been committed up to its partition's position.
      const done = batch.records.findIndex((record) => record.offset >= partition.progress.position)
      const one: Waiting = {
        assignment,
        partition,
        batch,
        done: Math.max(0, done),
        leave(action) {
          waiting.delete(one)
          resolve(action)
        },
      }
      waiting.add(one)
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

/** While little comes each message is committed at once; at full load a transaction carries what a short rest has gathered. */
const transactionPace = {
  itemMs: 6,
  roundMsMax: 40,
}

interface Waiting extends WaitingBatch {
  readonly assignment: Assignment
  leave(action: BatchAction): void
}

/** A batch waits for as long as its next messages are to go into a transaction. */
function obey(one: Waiting, event: BatchEvent): void {
  const action = applyToBatch(one.partition, event)
  if (action.kind !== 'transact') one.leave(action)
}

function nextOffset({ batch, done }: WaitingBatch): bigint | undefined {
  return done === 0 ? batch.begin : batch.records[done]?.offset
}

/**
 * What the failure of a transaction is for each of its batches. One that is fenced says nothing of the others. Where none of them
 * is, all wait before they are tried again: a transaction with the same slices would fail again at once.
 */
function failuresOf(
  slices: readonly Slice<Waiting>[],
  error: unknown,
  isTransient: (error: unknown) => boolean,
): [Waiting, BatchEvent][] {
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
