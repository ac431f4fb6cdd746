import type { EntityManager } from '@mikro-orm/postgresql'
import { crashPoint } from '../lifecycle/crash-point.ts'
import { appendToOutbox } from '../outbox/append.ts'
import type { Database } from '../postgres/database.ts'
import type { Tracer } from '../telemetry/tracer.ts'
import type { PutAside } from './dead-letter-message.ts'
import type { Decode, Decoded } from './decode.ts'
import type { Handled, MessageHandler, ReceivedMessage } from './message-handler.ts'
import { topicKeyOf } from './parked-keys.ts'
import type { Slice, WaitingBatch } from './pool.ts'
import { putAside } from './put-aside.ts'
import { putAsideId } from './record-id.ts'
import { countReplayed } from './replay-progress.ts'
import { sortOut } from './sort-out.ts'
import { takeBatch } from './take-batch.ts'
import { traceBatch } from './trace-batch.ts'

export interface Processing {
  readonly consumer: string
  readonly source: string
  readonly database: Pick<Database, 'transaction'>
  readonly handler: MessageHandler
  readonly decode: Decode
  /** Records that one transaction may put aside for what they are, of each partition. */
  readonly poisonMax: number
  readonly tracer?: Tracer | undefined
}

export interface Processed {
  readonly handled: readonly ReceivedMessage[]
  readonly duplicates: number
  readonly putAside: readonly PutAside[]
}

/** The handler threw, or returned what cannot be sent: `cause` says what. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError'
}

/**
 * Handles the records of several partitions in one transaction: what they change, what they lead to, and where their
 * consumer stands afterwards, all or nothing.
 *
 * @throws FencedError if a position is no longer where this member left it
 * @throws HandlerError if the handler threw
 */
export async function processSlices(work: Processing, slices: readonly Slice[]): Promise<Processed> {
  const { consumer, source, database } = work
  const decoded = slices.flatMap((slice) => decodeSlice(slice, work))
  const keys = decoded.flatMap(({ record }) => topicKeyOf(record) ?? [])
  const moves = slices.map(({ waiting, from, to }) => ({
    topic: waiting.partition.topic,
    partition: waiting.partition.partition,
    from,
    to,
    topicId: topicIdOf(waiting),
  }))
  const trace = traceBatch(work.tracer, consumer)
  const transaction = database.transaction(async (em) => {
    const { fresh, parked, replaying } = await takeBatch(em, consumer, moves, decoded, keys)
    const sorted = sortOut(fresh, parked)
    const done =
      sorted.handle.length === 0 ? undefined : await handleMessages(em, work, trace.begin(sorted.handle))
    const aside = await putAside(em, consumer, source, sorted.aside)
    if (replaying.length > 0) {
      await countReplayed(em, consumer, replaying, {
        read: decoded.map(({ record }) => record),
        handled: sorted.handle,
        putAside: aside.map(({ record }) => record),
      })
    }
    crashPoint('consume:before-commit')
    return {
      handled: sorted.handle,
      duplicates: decoded.length - sorted.handle.length - aside.length,
      putAside: aside,
      afterCommit: done?.afterCommit,
    }
  })
  const { afterCommit, ...processed } = await trace.end(transaction)
  crashPoint('consume:after-commit')
  afterCommit?.()
  return processed
}

/** The topic of the batch, not of the partition: that may have gone on in another one since the batch came. */
function topicIdOf({ partition, batch }: WaitingBatch): string | undefined {
  return partition.topicId === undefined ? undefined : (batch.topicId ?? partition.topicId)
}

/** Lets the handler apply messages and appends what they lead to. @throws HandlerError */
export async function handleMessages(
  em: EntityManager,
  { handler }: Pick<Processing, 'handler'>,
  messages: readonly ReceivedMessage[],
): Promise<Handled> {
  try {
    const handled = await handler.handle(em, messages)
    await appendToOutbox(em, handled.outbox)
    return handled
  } catch (error) {
    throw new HandlerError('the handler threw', { cause: error })
  }
}

/** A message that has been tried often enough is taken for poison. */
function decodeSlice({ waiting, records }: Slice, { decode, poisonMax }: Processing): Identified[] {
  const { condemned } = waiting.partition
  const decoded = records.map((record) => {
    const one = record.offset === condemned?.offset ? { record, poison: condemned.poison } : decode(record)
    return { ...one, id: 'message' in one ? one.message.id : putAsideId(record, one.poison.reason) }
  })
  const poison = decoded.filter((one) => 'poison' in one)
  // Isolated like a message that throws: the partition is to be judged before all of it has been put aside.
  if (poison.length > poisonMax) throw new HandlerError(`${poison.length} records of one batch are poison`)
  return decoded
}

type Identified = Decoded & { readonly id: string }
