import type { PutAside } from '../../dead-letters/dead-letter-message.ts'
import { topicKeyOf } from '../../dead-letters/parked-keys.ts'
import { putAside } from '../../dead-letters/put-aside.ts'
import type { DecodedRecord } from '../../message/decode.ts'
import type { ReceivedMessage } from '../../message/received-message.ts'
import { putAsideId } from '../../message/record-id.ts'
import { countReplayed } from '../../replay/replay-progress.ts'
import { passedOverIn } from '../assignment/assigned-partition.ts'
import {
  blameHandler,
  HandlerError,
  type HandlingParts,
  handleMessages,
} from '../handling/handle-messages.ts'
import { isPassedOver } from '../handling/is-passed-over.ts'
import { traceBatch } from '../handling/trace-batch.ts'
import type { Slice, WaitingBatch } from './pool.ts'
import { type IdentifiedRecord, sortOut } from './sort-out.ts'
import { takeBatch } from './take-batch.ts'

/** A moment right before or after a commit to the database or to Kafka. */
export type ConsumerStep =
  | 'consume:before-commit'
  | 'consume:after-commit'
  | 'offset-commit:before'
  | 'offset-commit:after'

export interface TransactionOptions extends HandlingParts {
  /** The most records of a partition that one transaction may put aside as poison. */
  readonly poisonMax: number
  /** Called around each commit, for fault tests. */
  readonly onStep?: ((step: ConsumerStep) => void) | undefined
}

export interface TransactionResult {
  readonly handled: readonly ReceivedMessage[]
  /** Messages that the handler passes over. */
  readonly passedOver: readonly ReceivedMessage[]
  readonly duplicates: number
  readonly putAside: readonly PutAside[]
}

/**
 * Handles the records of several partitions in one transaction: it commits their effects, the messages that they lead
 * to, and the new positions, or nothing.
 *
 * @throws FencedError if a position is no longer where this member left it
 * @throws HandlerError if the handler threw
 */
export async function processSlices(
  work: TransactionOptions,
  slices: readonly Slice[],
): Promise<TransactionResult> {
  const { consumer, source, database } = work
  const read = slices.flatMap((slice) => decodeSlice(slice, work))
  const passedOver = read.filter((record) => isPassedOver(work.handler, record))
  const decoded = read.filter((record) => !isPassedOver(work.handler, record))
  const keys = decoded.flatMap(({ record }) => topicKeyOf(record) ?? [])
  const moves = slices.map(({ waiting, from, to }) => ({
    topic: waiting.partition.topic,
    partition: waiting.partition.partition,
    from,
    to,
    topicId: topicIdOf(waiting),
  }))
  const trace = traceBatch(work.tracer, consumer)
  const transaction = database.transaction(async (sql) => {
    const { fresh, parked, replaying } = await takeBatch(sql, consumer, moves, decoded, keys)
    const sorted = sortOut(fresh, parked)
    const done =
      sorted.handle.length === 0 ? undefined : await handleMessages(sql, work, trace.begin(sorted.handle))
    const aside = await putAside(sql, consumer, source, sorted.aside)
    if (replaying.length > 0) {
      await countReplayed(sql, consumer, replaying, {
        read: [
          ...slices.flatMap(({ waiting }) => passedOverIn(waiting.partition)),
          ...read.map(({ record }) => record),
        ],
        handled: sorted.handle,
        putAside: aside.map(({ record }) => record),
      })
    }
    work.onStep?.('consume:before-commit')
    return {
      handled: sorted.handle,
      passedOver: passedOver.map(({ message }) => message),
      duplicates: decoded.length - sorted.handle.length - aside.length,
      putAside: aside,
      afterCommit: done?.afterCommit,
    }
  })
  const { afterCommit, ...processed } = await trace.end(transaction.catch(blameHandler))
  work.onStep?.('consume:after-commit')
  afterCommit?.()
  return processed
}

/** A message keeps its id when it is put aside, whatever its codec derives that from. */
function idOf(read: DecodedRecord, judged: DecodedRecord): string {
  if ('message' in read) return read.message.id
  return putAsideId(read.record, 'poison' in judged ? judged.poison.reason : read.poison.reason)
}

/** The topic of the batch, not of the partition, which may have moved to a new topic since the batch came. */
function topicIdOf({ partition, batch }: WaitingBatch): string | undefined {
  return partition.topicId === undefined ? undefined : (batch.topicId ?? partition.topicId)
}

/** Decodes the records of a slice. A message whose attempts are used up counts as poison. */
function decodeSlice(
  { waiting, records }: Slice,
  { decode, poisonMax }: TransactionOptions,
): IdentifiedRecord[] {
  const { suspect } = waiting.partition.progress
  const decoded = records.map((record) => {
    const read = decode(record)
    const poisoned = suspect?.offset === record.offset ? suspect.poisoned : undefined
    const judged = poisoned === undefined ? read : { record, poison: poisoned }
    return { ...judged, id: idOf(read, judged) }
  })
  const poison = decoded.filter((record) => 'poison' in record)
  // The batch is halved, as when its handler throws: the circuit must judge before all of the poison is put aside.
  if (poison.length > poisonMax) throw new HandlerError(`${poison.length} records of one batch are poison`)
  return decoded
}
