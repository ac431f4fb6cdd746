import { createDecode } from '../message/decode.ts'
import {
  type DiscardOutcome,
  type Handled,
  type MessageHandler,
  OutcomeContradictedError,
} from '../message/message-handler.ts'
import { MessagingError } from '../message/messaging-error.ts'
import { requireText, requireUuid } from '../message/require-field.ts'
import { appendToOutbox } from '../outbox/append.ts'
import { isRepeated, type RepeatableChange } from '../sql/repeatable-change.ts'
import type { Sql, SqlDatabase } from '../sql/sql.ts'
import { keepEvents } from './dead-letter-events.ts'
import {
  deadLetterSettled,
  lockPutAsideRow,
  orderingKeyOf,
  recordOf,
  requireDeadLetter,
  type WholeDeadLetterRow,
} from './dead-letter-rows.ts'
import { readWholeDeadLetter, type WholeDeadLetter } from './describe-dead-letter.ts'
import { isOutcomeRequired } from './outcome-required.ts'
import { lockParkedKey, unparkIfEmpty } from './parked-keys.ts'

export interface DiscardRequest<Tx extends Sql = Sql> extends RepeatableChange<Tx> {
  readonly deadLetterId: string
  /** What became of the message, where money or seats hang on it. */
  readonly outcome?: DiscardOutcome | undefined
  /** Why it is given up: kept in its history. */
  readonly reason: string
  /** The operator: kept in its history. */
  readonly subject: string
}

/** Gives a message up, and returns what is known of it then. */
export async function discardDeadLetter<Tx extends Sql>(
  { database, handler }: { readonly database: SqlDatabase<Tx>; readonly handler: MessageHandler },
  request: DiscardRequest<Tx>,
): Promise<WholeDeadLetter> {
  const { deadLetterId, reason, subject } = request
  requireUuid('deadLetterId', deadLetterId)
  requireText('reason', reason)
  requireText('subject', subject)
  const { discarded, afterCommit } = await database.transaction(async (tx) => {
    const found = await requireDeadLetter(tx, deadLetterId)
    const handled = (await isRepeated(tx, request)) ? undefined : await discard(tx, handler, found, request)
    return {
      discarded: await readWholeDeadLetter(tx, deadLetterId, handler),
      afterCommit: handled?.afterCommit,
    }
  })
  afterCommit?.()
  return discarded
}

async function discard(
  sql: Sql,
  handler: MessageHandler,
  found: WholeDeadLetterRow,
  { outcome, reason, subject }: DiscardRequest,
): Promise<Handled | undefined> {
  const { dead_letter_id: id, consumer } = found
  const orderingKey = orderingKeyOf(found)
  // The key first, as consumers and redrives lock it.
  if ('key' in orderingKey) await lockParkedKey(sql, consumer, orderingKey)
  const row = await lockPutAsideRow(sql, id)
  if (row === undefined) throw deadLetterSettled(id)
  if (outcome === undefined && isOutcomeRequired(row, handler)) throw outcomeRequired(row)
  const handled = outcome === undefined ? undefined : await recordOutcome(sql, handler, row, outcome)
  await sql.query(markDiscarded, [id, outcome ?? null])
  await keepEvents(sql, [id], { action: 'DISCARDED', detail: reason, actor: { subject } })
  if ('key' in orderingKey) await unparkIfEmpty(sql, consumer, orderingKey)
  if (handled !== undefined) await appendToOutbox(sql, handled.outbox)
  return handled
}

/**
 * Lets the service record the outcome. Where the message cannot be decoded, only the dead letter keeps the outcome:
 * the service that waits for an answer asks again.
 */
async function recordOutcome(
  sql: Sql,
  { codec, discarding }: MessageHandler,
  row: WholeDeadLetterRow,
  outcome: DiscardOutcome,
): Promise<Handled | undefined> {
  const decoded = createDecode(codec)(recordOf(row))
  if (discarding === undefined || 'poison' in decoded) return undefined
  const { message } = decoded
  if (!discarding.types.includes(message.type)) return undefined
  try {
    return await discarding.discard(sql, message, outcome)
  } catch (error) {
    if (!(error instanceof OutcomeContradictedError)) throw error
    throw new MessagingError('OUTCOME_CONTRADICTED', error.message)
  }
}

function outcomeRequired({ type }: WholeDeadLetterRow): Error {
  const message = `${type ?? 'a message of an unknown type'} may carry money or seats: say what is to be recorded of it`
  return new MessagingError('OUTCOME_REQUIRED', message)
}

const markDiscarded = `UPDATE dead_letter SET state = 'DISCARDED', outcome = $2 WHERE dead_letter_id = $1`
