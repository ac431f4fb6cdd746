import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ConsumedRecord, FetchedBatch } from '@boxoffice/kafka'
import { createPace } from '@boxoffice/pacing'
import { type AssignedPartition, type Assignment, beginAt } from '../assignment/assignment.ts'
import { HandlerError } from '../handling/handle-messages.ts'
import { handlerPoison } from '../handling/handler-poison.ts'
import { FencedError } from '../positions/positions.ts'
import { type PoolLimits, type Slice, takePool, type WaitingBatch } from './pool.ts'

/** How a batch left the loop. */
export type Outcome =
  /** All of it is committed. */
  | 'committed'
  /** Its partition rests, because most of its recent messages are poison; what came before is committed. */
  | 'stopped'
  /** Its partition's position is not where this member thought. */
  | 'misplaced'
  /** A transaction failed in a way that a retry can help, and it should wait. */
  | 'failed'
  /** It is not this member's to handle any more. */
  | 'dropped'

export interface LoopOptions {
  readonly limits: PoolLimits
  readonly attemptsMax: number
  /** One transaction over the slices, whose poison it counts; throws FencedError, HandlerError, or what a retry can help. */
  process(slices: readonly Slice[]): Promise<void>
  isTransient(error: unknown): boolean
  /** Called for each transaction that failed; must not throw. */
  onFailure(error: unknown, slices: readonly Slice[]): void
}

export interface CommittingLoop {
  /** Handles a batch; its records are committed in their order, together with what waits at the same time. */
  submit(assignment: Assignment, partition: AssignedPartition, batch: FetchedBatch): Promise<Outcome>
  /** Waits until no transaction is under way. */
  settled(): Promise<void>
  /** Lets the transaction under way end and drops what waits. */
  stop(): Promise<void>
}

/** While little comes each message is committed at once; at full load a transaction carries what a short rest has gathered. */
const transactionPace = {
  itemMs: 6,
  roundMsMax: 40,
}

interface Waiting extends WaitingBatch {
  readonly assignment: Assignment
  leave(outcome: Outcome): void
}

/** Runs one transaction at a time over the batches of all partitions that wait. */
export function startCommittingLoop(options: LoopOptions): CommittingLoop {
  const waiting = new Set<Waiting>()
  let running: Promise<void> | undefined
  let stopped = false
  const pace = createPace(transactionPace)

  async function run(): Promise<void> {
    // The batches of one fetch come in one after the other, within this turn.
    await nextTurn()
    for (;;) {
      await pace.rest()
      dropUnfit()
      const slices = takePool(waiting, options.limits)
      if (slices.length === 0) break
      pace.begin(slices.reduce((messages, { records }) => messages + records.length, 0))
      await commit(slices)
    }
    running = undefined
  }

  function dropUnfit(): void {
    for (const one of waiting) {
      if (stopped || one.assignment.ended || one.batch.isStale()) one.leave('dropped')
      else if (nextOffset(one) !== one.partition.position) one.leave('misplaced')
    }
  }

  async function commit(slices: readonly Slice<Waiting>[]): Promise<void> {
    try {
      await options.process(slices)
    } catch (error) {
      afterFailure(error, slices)
      return
    }
    for (const slice of slices) advance(slice)
  }

  function advance({ waiting: one, records, to }: Slice<Waiting>): void {
    const { partition, batch } = one
    const { stopped, resting } = partition.poison
    const limit = stopped ? 1 : Math.min(options.limits.poolMessagesMax, partition.limit * 2)
    const alone = stopped || (partition.alone && limit < options.limits.poolMessagesMax)
    Object.assign(partition, { ...beginAt(to, limit), alone })
    one.done += records.length
    if (resting) {
      one.leave('stopped')
      return
    }
    if (one.done === batch.records.length) {
      one.leave('committed')
      return
    }
    // To the back: a long batch lets the others have their turn.
    waiting.delete(one)
    waiting.add(one)
  }

  function afterFailure(error: unknown, slices: readonly Slice<Waiting>[]): void {
    options.onFailure(error, slices)
    if (error instanceof FencedError) {
      for (const slice of slices)
        if (error.concerns(slice.waiting.partition)) slice.waiting.leave('misplaced')
      return
    }
    for (const { waiting: one } of slices) one.partition.alone = true
    const [slice, ...others] = slices
    if (slice === undefined || others.length > 0) return
    const { partition } = slice.waiting
    // Halved until the message that throws stands alone, or until the transaction is short enough to succeed.
    partition.limit = Math.max(1, Math.floor(slice.records.length / 2))
    if (error instanceof HandlerError && !options.isTransient(error.cause)) {
      const [record, ...rest] = slice.records
      if (record !== undefined && rest.length === 0) countAttempt(partition, record, error.cause)
    } else {
      partition.failures += 1
      slice.waiting.leave('failed')
    }
  }

  /** The message alone has thrown: after the last of its attempts it is poison. */
  function countAttempt(partition: AssignedPartition, record: ConsumedRecord, cause: unknown): void {
    partition.attempts += 1
    if (partition.attempts < options.attemptsMax) return
    partition.condemned = { offset: record.offset, poison: handlerPoison(cause, partition.attempts) }
  }

  return {
    submit(assignment, partition, batch) {
      const { promise, resolve } = Promise.withResolvers<Outcome>()
      // A batch that comes back after a failure has been committed up to its partition's position.
      const done = batch.records.findIndex((record) => record.offset >= partition.position)
      const one: Waiting = {
        assignment,
        partition,
        batch,
        done: Math.max(0, done),
        leave(outcome) {
          waiting.delete(one)
          resolve(outcome)
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

function nextOffset({ batch, done }: Waiting): bigint | undefined {
  return done === 0 ? batch.begin : batch.records[done]?.offset
}
