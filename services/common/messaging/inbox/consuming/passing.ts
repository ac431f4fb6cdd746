import type { FetchedBatch } from '@boxoffice/kafka'
import { pause } from '@boxoffice/pacing'
import type { Decode } from '../../message/decode.ts'
import type { MessageHandler } from '../../message/message-handler.ts'
import { headerText } from '../../message/record-id.ts'
import type { SqlDatabase } from '../../sql/sql.ts'
import { type AssignedPartition, apply, isIdle } from '../assignment/assigned-partition.ts'
import type { Assignment } from '../assignment/assignment.ts'
import { mayPassOver } from '../assignment/partition-progress.ts'
import { isPassedOver } from '../handling/is-passed-over.ts'
import { FencedError } from '../positions/positions.ts'
import { type PositionStore, positionStoreOf, storePositions } from './store-positions.ts'

export interface PassingOptions {
  readonly consumer: string
  readonly database: SqlDatabase
  readonly handler: MessageHandler
  readonly decode: Decode
  /** How long a stored position may stay behind. */
  readonly intervalMs: number
  /** How many records it may stay behind. */
  readonly recordsMax: number
  /** Called with the number of messages that were passed over. Must not throw. */
  onPassed(count: number): void
  /** Called when a position has been stored. Must not throw. */
  onStored(partition: AssignedPartition): void
  /** Must not throw. */
  onFailure(error: unknown): void
}

/** Moves past batches that hold nothing for the handler, without a transaction for each. */
export interface Passing {
  /**
   * Moves the partition past the batch, in memory, if the handler passes over every record in it and all are valid.
   * The stored position follows with the partition's next transaction, or after a while.
   *
   * @returns false if the batch is to be handled
   */
  pass(assignment: Assignment, partition: AssignedPartition, batch: FetchedBatch): boolean
  /** Waits a moment after a batch was passed over, so that the next fetch brings more: the fetch is its only cost. */
  rest(): Promise<void>
  /** Waits until no position is being stored. */
  settled(): Promise<void>
  /** Forgets the positions that are not stored: their records are read again, by this member or another. */
  clear(): void
  /** Stores the positions that are behind, once, and passes over nothing more. */
  stop(): Promise<void>
}

/**
 * A rest is as long as a short transaction, even after one record: the next message comes no later than behind one.
 */
const fetchRest = { recordMs: 8, msMax: 40 }

export function createPassing(options: PassingOptions): Passing {
  const behind = new Map<AssignedPartition, Assignment>()
  let restUntil = 0
  let timer: NodeJS.Timeout | undefined
  let storing: Promise<void> | undefined
  let stopped = false

  function pass(assignment: Assignment, partition: AssignedPartition, batch: FetchedBatch): boolean {
    const { progress } = partition
    if (stopped || !mayPassOver(progress) || batch.begin !== progress.position) return false
    const records = progress.passedOver.length + batch.records.length
    if (records > options.recordsMax || !isAllPassedOver(batch, options)) return false
    const offsets = batch.records.map(({ offset }) => offset)
    apply(partition, { kind: 'passed-over', to: batch.end, offsets })
    options.onPassed(batch.records.length)
    restUntil = performance.now() + Math.min(fetchRest.msMax, batch.records.length * fetchRest.recordMs)
    behind.set(partition, assignment)
    timer ??= setTimeout(storeLater, options.intervalMs)
    return true
  }

  function storeLater(): void {
    timer = undefined
    if (storing !== undefined) return
    storing = store().finally(() => {
      storing = undefined
      if (!stopped && behind.size > 0) timer ??= setTimeout(storeLater, options.intervalMs)
    })
  }

  async function store(): Promise<void> {
    for (const [partition, assignment] of behind)
      if (assignment.ended || isStored(partition)) behind.delete(partition)
    // If a batch of a partition is being handled, its transaction moves the position.
    const stores = [...behind.keys()].filter(isIdle).map(positionStoreOf)
    if (stores.length === 0) return
    for (const { partition } of stores) partition.storing = true
    try {
      await storePositions(options, stores)
      for (const stored of stores) follow(stored)
    } catch (error) {
      // `watchPositions` finds where they are now.
      if (error instanceof FencedError)
        for (const { partition } of stores) if (error.concerns(partition)) behind.delete(partition)
      options.onFailure(error)
    } finally {
      for (const { partition } of stores) partition.storing = false
    }
  }

  function follow({ partition, from, to }: PositionStore): void {
    const { kind } = apply(partition, { kind: 'stored', from, to })
    if (kind === 'commit-offset') options.onStored(partition)
  }

  return {
    pass,
    async rest() {
      const restMs = restUntil - performance.now()
      if (restMs >= 1) await pause(restMs)
    },
    async settled() {
      await storing
    },
    clear() {
      clearTimeout(timer)
      timer = undefined
      behind.clear()
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await storing
      await store()
    },
  }
}

function isStored({ progress: { stored, position } }: AssignedPartition): boolean {
  return stored === position
}

function isAllPassedOver(
  { records }: FetchedBatch,
  { handler, decode }: Pick<PassingOptions, 'handler' | 'decode'>,
): boolean {
  const { passedOver = [] } = handler
  // The header is checked first, so that a message to be handled is decoded only once, later. The codec decides.
  return (
    passedOver.length > 0 &&
    records.every((record) => passedOver.includes(headerText(record, 'ce_type') ?? '')) &&
    records.every((record) => isPassedOver(handler, decode(record)))
  )
}
