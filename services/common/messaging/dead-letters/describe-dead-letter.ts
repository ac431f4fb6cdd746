import type { DiscardOutcome, MessageHandler } from '../message/message-handler.ts'
import type { PoisonReason } from '../message/poison.ts'
import { headerList } from '../message/stored-headers.ts'
import type { Sql } from '../sql/sql.ts'
import { type DeadLetterEventRow, readEvents } from './dead-letter-events.ts'
import { deadLetterJson } from './dead-letter-json.ts'
import {
  type DeadLetterRow,
  type DeadLetterState,
  requireDeadLetter,
  type WholeDeadLetterRow,
} from './dead-letter-rows.ts'
import { isOutcomeRequired } from './outcome-required.ts'

/** A dead letter as lists show it: without payload, headers and history. */
export interface DeadLetter {
  readonly deadLetterId: string
  /** Counts the dead letters in the order in which they were put aside. */
  readonly position: bigint
  readonly consumer: string
  readonly messageId: string
  /** Null where the record does not say it. */
  readonly type: string | null
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly key: Buffer | null
  readonly reason: PoisonReason
  /** What is wrong, without the payload. */
  readonly error: string
  readonly attempts: number
  readonly state: DeadLetterState
  readonly putAsideAt: Date
  /** Whether a discard has to say what became of the message: money or seats hang on it, or may. */
  readonly isOutcomeRequired: boolean
  /** The outcome that it was discarded with. */
  readonly outcome: DiscardOutcome | null
}

/** A dead letter with everything that is known of it. */
export interface WholeDeadLetter extends DeadLetter {
  readonly payload: Buffer | null
  /** The length of the payload, where only its beginning is kept. */
  readonly payloadBytes: bigint | null
  /** The SHA-256 of the whole payload, where only its beginning is kept. */
  readonly payloadSha256: Buffer | null
  /** The body for an operator to read; empty where the record is no message, or JSON cannot express it. */
  readonly json: string
  /** Each header byte by byte, in their order; repeated ones several times. */
  readonly headers: readonly { readonly name: Buffer; readonly value: Buffer | null }[]
  /** Oldest first; begins with PUT_ASIDE. */
  readonly history: readonly DeadLetterEvent[]
}

/** An event in the history of a dead letter. */
interface DeadLetterEvent {
  readonly action: 'PUT_ASIDE' | DeadLetterEventRow['action']
  readonly time: Date
  /** The consumer that put it aside, or the operator. */
  readonly subject: string
  readonly detail: string
  readonly redriveId: string | undefined
}

export function describeDeadLetter(row: DeadLetterRow, handler: MessageHandler): DeadLetter {
  return {
    deadLetterId: row.dead_letter_id,
    position: BigInt(row.position),
    consumer: row.consumer,
    messageId: row.message_id,
    type: row.type,
    topic: row.topic,
    partition: row.partition,
    offset: BigInt(row.offset),
    key: row.key,
    reason: row.reason,
    error: row.error,
    attempts: row.attempts,
    state: row.state,
    putAsideAt: new Date(row.put_aside_at),
    isOutcomeRequired: isOutcomeRequired(row, handler),
    outcome: row.outcome,
  }
}

export function describeWholeDeadLetter(
  row: WholeDeadLetterRow,
  events: readonly DeadLetterEventRow[],
  handler: MessageHandler,
): WholeDeadLetter {
  return {
    ...describeDeadLetter(row, handler),
    payload: row.payload,
    payloadBytes: row.payload_bytes === null ? null : BigInt(row.payload_bytes),
    payloadSha256: row.payload_sha256,
    json: deadLetterJson(row, handler.codec),
    headers: headerList(row.headers),
    history: [putAsideEvent(row), ...events.map(toEvent)],
  }
}

/** @throws MessagingError DEAD_LETTER_NOT_FOUND */
export async function readWholeDeadLetter(
  sql: Sql,
  deadLetterId: string,
  handler: MessageHandler,
): Promise<WholeDeadLetter> {
  const row = await requireDeadLetter(sql, deadLetterId)
  return describeWholeDeadLetter(row, await readEvents(sql, deadLetterId), handler)
}

/** A consumer puts many records aside at once, so it writes no events: their rows say that they were put aside. */
function putAsideEvent({ put_aside_at, consumer }: WholeDeadLetterRow): DeadLetterEvent {
  const time = new Date(put_aside_at)
  return { action: 'PUT_ASIDE', time, subject: consumer, detail: '', redriveId: undefined }
}

function toEvent({ action, occurred_at, subject, detail, redrive_id }: DeadLetterEventRow): DeadLetterEvent {
  return { action, time: new Date(occurred_at), subject, detail, redriveId: redrive_id ?? undefined }
}
