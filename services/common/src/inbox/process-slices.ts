import type { EntityManager } from '@mikro-orm/postgresql'
import { crashPoint } from '../lifecycle/crash-point.ts'
import { appendToOutbox, type TopicLimits } from '../outbox/append.ts'
import type { Database } from '../postgres/database.ts'
import { claimNew } from './claim.ts'
import type { Decode, Decoded } from './decode.ts'
import type { Handled, MessageHandler, ReceivedMessage } from './message-handler.ts'
import type { Slice } from './pool.ts'
import { movePositions } from './positions.ts'
import { type PutAside, putAside } from './put-aside.ts'
import { countReplayed } from './replay-progress.ts'

export interface Processing {
  readonly consumer: string
  readonly source: string
  readonly database: Pick<Database, 'transaction'>
  readonly handler: MessageHandler
  readonly decode: Decode
  readonly topicLimits?: TopicLimits | undefined
}

export interface Processed {
  readonly handled: number
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
  const decoded = slices.flatMap((slice) => decodeSlice(slice, work.decode))
  const messages = decoded.flatMap((one) => ('message' in one ? [one.message] : []))
  const poison = decoded.flatMap((one) => ('poison' in one ? [one] : []))
  const { afterCommit, ...processed } = await database.transaction(async (em) => {
    // First, because it locks them: a stale member stops here and does no work, and a live one cannot be overtaken.
    const moves = slices.map(({ waiting, from, to }) => ({
      topic: waiting.partition.topic,
      partition: waiting.partition.partition,
      from,
      to,
    }))
    const replaying = await movePositions(em, consumer, moves)
    const fresh = await claimNew(em, consumer, messages)
    const done = fresh.length === 0 ? undefined : await handle(em, work, fresh)
    const aside = await putAside(em, consumer, source, poison)
    if (replaying.length > 0) {
      await countReplayed(em, consumer, replaying, {
        read: decoded.map(({ record }) => record),
        handled: fresh,
        putAside: aside.map(({ record }) => record),
      })
    }
    crashPoint('consume:before-commit')
    return {
      handled: fresh.length,
      duplicates: messages.length - fresh.length + poison.length - aside.length,
      putAside: aside,
      afterCommit: done?.afterCommit,
    }
  })
  crashPoint('consume:after-commit')
  afterCommit?.()
  return processed
}

async function handle(
  em: EntityManager,
  { handler, topicLimits }: Processing,
  messages: readonly ReceivedMessage[],
): Promise<Handled> {
  try {
    const handled = await handler.handle(em, messages)
    await appendToOutbox(em, handled.outbox, topicLimits)
    return handled
  } catch (error) {
    throw new HandlerError('the handler threw', { cause: error })
  }
}

/** A message that has been tried often enough is taken for poison. */
function decodeSlice({ waiting, records }: Slice, decode: Decode): Decoded[] {
  const { condemned } = waiting.partition
  return records.map((record) =>
    record.offset === condemned?.offset ? { record, poison: condemned.poison } : decode(record),
  )
}
