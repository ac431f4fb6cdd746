import {
  blameHandler,
  HandlerError,
  type HandlingParts,
  handleMessages,
} from '../inbox/handling/handle-messages.ts'
import { handlerPoison } from '../inbox/handling/handler-poison.ts'
import { type BatchTrace, traceBatch } from '../inbox/handling/trace-batch.ts'
import { errorLengthMax, storableText } from '../message/clean-text.ts'
import type { Handled } from '../message/message-handler.ts'
import type { Poison } from '../message/poison.ts'
import type { ReceivedMessage } from '../message/received-message.ts'
import { appendToOutbox } from '../outbox/append.ts'
import { isTransient } from '../sql/errors.ts'
import type { Sql } from '../sql/sql.ts'
import { type Actor, keepEvents } from './dead-letter-events.ts'
import { deadLetterMessage } from './dead-letter-message.ts'
import {
  lockPutAside,
  type OrderingKey,
  recordOf,
  type WholeDeadLetterRow,
  withoutRecord,
} from './dead-letter-rows.ts'
import { lockParkedKey, unparkIfEmpty } from './parked-keys.ts'

export interface RedriveResult {
  readonly handled: number
  /** The message that failed again, where the key stopped. */
  readonly failure?: { readonly deadLetterId: string; readonly error: string }
}

/** Messages of one step. A key is redriven in many steps, so that its consumer waits for one at most. */
const stepMessagesMax = 100

/**
 * Handles the messages of an ordering key that are put aside, in order and each once, until none is left or one fails
 * again. Every step is one transaction that locks the key, as consumers do. A message that arrives between two steps
 * is put aside behind the others and handled by a later step, or it finds the key unparked. After a crash between or
 * within steps the key can be redriven.
 *
 * @throws what a retry can help, or the reason of `signal`; the steps before are done
 */
export async function redriveKey(
  work: HandlingParts,
  orderingKey: OrderingKey,
  actor: Actor,
  signal: AbortSignal,
): Promise<RedriveResult> {
  let handled = 0
  let limit = stepMessagesMax
  for (;;) {
    signal.throwIfAborted()
    const tried: WholeDeadLetterRow[] = []
    try {
      const step = await redriveStep(work, orderingKey, actor, limit, tried)
      handled += step.handled
      if (step.failed !== undefined) {
        const failure = await keepFailure(work, step.failed.row, step.failed.poison, actor)
        return { handled, failure }
      }
      if (step.atEnd) return { handled }
    } catch (error) {
      if (!(error instanceof HandlerError) || isTransient(error.cause)) throw error
      const [row, ...others] = tried
      if (row === undefined) throw error
      // One of them threw: from now on they are tried one by one.
      limit = 1
      if (others.length > 0) continue
      return { handled, failure: await keepFailure(work, row, handlerPoison(error.cause, 1), actor) }
    }
  }
}

interface Step {
  readonly handled: number
  readonly atEnd: boolean
  /** A message that still cannot be decoded; the messages before it are handled. */
  readonly failed?: { readonly row: WholeDeadLetterRow; readonly poison: Poison }
}

/** @param tried - filled with the messages that the handler is given */
async function redriveStep(
  work: HandlingParts,
  orderingKey: OrderingKey,
  actor: Actor,
  limit: number,
  tried: WholeDeadLetterRow[],
): Promise<Step> {
  const { consumer, database, decode } = work
  const trace = traceBatch(work.tracer, consumer)
  const transaction = database.transaction(async (sql): Promise<Step & Pick<Handled, 'afterCommit'>> => {
    if ('key' in orderingKey && !(await lockParkedKey(sql, consumer, orderingKey)))
      return { handled: 0, atEnd: true }
    const rows = await lockPutAside(sql, consumer, orderingKey, limit)
    const messages: ReceivedMessage[] = []
    let failed: Step['failed']
    for (const row of rows) {
      const record = recordOf(row)
      const poison = withoutRecord(row)
      const decoded = poison === undefined ? decode(record) : { record, poison }
      if ('poison' in decoded) {
        failed = { row, poison: decoded.poison }
        break
      }
      tried.push(row)
      if (await isNew(sql, row, decoded.message)) messages.push(decoded.message)
    }
    const done = await handleAll(sql, work, messages, trace)
    await settle(sql, tried, actor)
    const atEnd =
      'key' in orderingKey
        ? await unparkIfEmpty(sql, consumer, orderingKey)
        : failed === undefined && rows.length < limit
    return { handled: messages.length, atEnd, ...(failed && { failed }), ...done }
  })
  const { afterCommit, ...step } = await trace.end(transaction.catch(blameHandler))
  afterCommit?.()
  return step
}

/**
 * Whether a message has not been handled yet. A message that was believed when it was put aside has had its id in the
 * inbox since. One that is believed only now claims its id now, and may find that another record of the same message
 * has been handled.
 */
async function isNew(sql: Sql, row: WholeDeadLetterRow, { id }: ReceivedMessage): Promise<boolean> {
  if (row.message_id === id) return true
  const claimed = await sql.query(claimId, [row.consumer, id])
  return claimed.length > 0
}

/** The ids of the messages are in the inbox, so no consumer handles them. */
async function handleAll(
  sql: Sql,
  work: HandlingParts,
  messages: readonly ReceivedMessage[],
  trace: BatchTrace,
): Promise<Pick<Handled, 'afterCommit'>> {
  if (messages.length === 0) return {}
  const { afterCommit } = await handleMessages(sql, work, trace.begin(messages))
  return afterCommit === undefined ? {} : { afterCommit }
}

async function settle(sql: Sql, rows: readonly WholeDeadLetterRow[], actor: Actor): Promise<void> {
  if (rows.length === 0) return
  const ids = rows.map((row) => row.dead_letter_id)
  await sql.query(markRedriven, [ids])
  await keepEvents(sql, ids, { action: 'REDRIVEN', detail: '', actor })
}

/** A message that only waited behind another is a dead letter in its own right from now on. */
async function keepFailure(
  { consumer, source, database }: HandlingParts,
  row: WholeDeadLetterRow,
  poison: Poison,
  actor: Actor,
): Promise<NonNullable<RedriveResult['failure']>> {
  const id = row.dead_letter_id
  const error = storableText(poison.error, errorLengthMax)
  await database.transaction(async (sql) => {
    const changed = await sql.query(markFailed, [id, poison.reason, error])
    if (changed.length === 0) return
    await keepEvents(sql, [id], { action: 'REDRIVE_FAILED', detail: error, actor })
    if (row.reason !== 'KEY_PARKED') return
    const record = recordOf(row)
    // A message that waits behind another is kept whole.
    const kept = { ...record, whole: null }
    const letter = {
      id,
      record,
      messageId: row.message_id,
      type: row.type,
      error,
      poison,
      kept,
      consumer,
      source,
    }
    await appendToOutbox(sql, [deadLetterMessage(letter)], Number.POSITIVE_INFINITY)
  })
  return { deadLetterId: id, error }
}

const claimId = `
  INSERT INTO inbox (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING message_id`

const markRedriven = `UPDATE dead_letter SET state = 'REDRIVEN' WHERE dead_letter_id = ANY($1::uuid[])`

const markFailed = `
  UPDATE dead_letter SET reason = $2, error = $3, attempts = attempts + 1
  WHERE dead_letter_id = $1 AND state = 'PUT_ASIDE'
  RETURNING dead_letter_id`
