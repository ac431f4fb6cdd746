import type { MessageHandler } from '../message/message-handler.ts'
import type { ReceivedMessage } from '../message/received-message.ts'
import { requireCount, requireOffset, requireUuid } from '../message/require-field.ts'
import type { Sql, SqlDatabase } from '../sql/sql.ts'
import type { Tracer } from '../telemetry/tracer.ts'
import { checkFilter, type DeadLetterFilter } from './dead-letter-filter.ts'
import {
  type DeadLetter,
  describeDeadLetter,
  readWholeDeadLetter,
  type WholeDeadLetter,
} from './describe-dead-letter.ts'
import { type DiscardRequest, discardDeadLetter } from './discard-dead-letter.ts'
import { countDeadLetters, listDeadLetters } from './list-dead-letters.ts'
import type { RedriveSummary } from './redrive.ts'
import { type RedriveRequest, redriveDeadLetters } from './redrive-dead-letters.ts'
import { jsonReceipts, type ReceiptCodec } from './redrive-receipt.ts'

/** The options of the consumer, as `startConsumer` takes them. */
export interface DeadLettersOptions<Tx extends Sql, Message extends ReceivedMessage = ReceivedMessage> {
  /** The name of the consumer. */
  readonly name: string
  /** The service that puts records aside, such as `shop/billing`: the same as the consumer's. */
  readonly source: string
  readonly database: SqlDatabase<Tx>
  readonly handler: MessageHandler<Tx, Message>
  readonly tracer?: Tracer | undefined
  /** How the receipts of redrives are stored; as JSON unless given. */
  readonly receipts?: ReceiptCodec | undefined
}

/** What the consumer of a service has put aside, in the hands of an operator. */
export interface DeadLetters<Tx extends Sql = Sql> {
  /**
   * Lists the dead letters in the order in which they were put aside: at most `limit`, from behind the position
   * `after`.
   *
   * @throws MessagingError FIELD_VIOLATION
   */
  list(
    filter: DeadLetterFilter,
    page: { readonly after?: bigint | undefined; readonly limit: number },
  ): Promise<DeadLetter[]>
  /** @throws MessagingError FIELD_VIOLATION */
  count(filter: DeadLetterFilter): Promise<number>
  /** @throws MessagingError FIELD_VIOLATION, DEAD_LETTER_NOT_FOUND */
  get(deadLetterId: string): Promise<WholeDeadLetter>
  /**
   * Handles the selected messages again, key by key, in order and each once. A call with the same id continues a
   * redrive that was interrupted; once it has ended, the call returns its summary again. The id alone makes that call:
   * its selection is not stored, so draw a new id for another one.
   *
   * Rejects with the signal's reason when the signal aborts. What was redriven until then is kept, so keep the id: a call
   * with it continues.
   *
   * @throws MessagingError FIELD_VIOLATION, DEAD_LETTER_NOT_FOUND, CONSUMER_NOT_FOUND, DEAD_LETTER_SETTLED
   */
  redrive(request: RedriveRequest<Tx>): Promise<RedriveSummary>
  /**
   * Gives a message up, and records and answers what became of it.
   *
   * @throws MessagingError FIELD_VIOLATION, DEAD_LETTER_NOT_FOUND, DEAD_LETTER_SETTLED, OUTCOME_REQUIRED,
   * OUTCOME_CONTRADICTED
   */
  discard(request: DiscardRequest<Tx>): Promise<WholeDeadLetter>
}

/**
 * @example
 * ```ts
 * const deadLetters = createDeadLetters({ name: 'billing', source: 'billing', database, handler })
 * for (const { key, reason, error } of await deadLetters.list({ state: 'PUT_ASIDE' }, { limit: 50 }))
 *   console.log(`${key}: ${reason}, ${error}`)
 * // Once the cause is gone:
 * const { redriven, failures } = await deadLetters.redrive({
 *   redriveId: randomUUID(),
 *   subject: 'ann',
 *   selection: { case: 'filter', value: {} },
 *   signal: AbortSignal.timeout(30_000),
 * })
 * ```
 */
export function createDeadLetters<Tx extends Sql, Message extends ReceivedMessage>({
  name: consumer,
  receipts = jsonReceipts,
  ...options
}: DeadLettersOptions<Tx, Message>): DeadLetters<Tx> {
  const { database, handler } = options
  const parts = { ...options, consumer, receipts }
  return {
    async list(filter, { after = 0n, limit }) {
      checkFilter(filter)
      requireOffset('after', after)
      requireCount('limit', limit)
      const rows = await database.transaction((tx) => listDeadLetters(tx, filter, after, limit))
      return rows.map((row) => describeDeadLetter(row, handler))
    },
    async count(filter) {
      checkFilter(filter)
      return await database.transaction((tx) => countDeadLetters(tx, filter))
    },
    async get(deadLetterId) {
      requireUuid('deadLetterId', deadLetterId)
      return await database.transaction((tx) => readWholeDeadLetter(tx, deadLetterId, handler))
    },
    redrive: (request) => redriveDeadLetters(parts, request),
    discard: (request) => discardDeadLetter(parts, request),
  }
}
