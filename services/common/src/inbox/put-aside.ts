import type { EntityManager } from '@mikro-orm/postgresql'
import { validate as isUuid } from 'uuid'
import type { ConsumedRecord } from '../kafka/consumed-record.ts'
import { appendToOutbox } from '../outbox/append.ts'
import { deriveMessageId } from '../outbox/message-id.ts'
import { query } from '../postgres/query.ts'
import { cleanText, storableText } from './clean-text.ts'
import { deadLetterMessage } from './dead-letter-message.ts'
import type { Poison } from './decode.ts'
import { storedHeaders } from './stored-headers.ts'

export interface PutAside {
  readonly record: ConsumedRecord
  readonly poison: Poison
}

const errorLengthMax = 2_000
const typeLengthMax = 200

/**
 * Puts records that cannot be handled aside, in the transaction that moves their positions: a `dead_letter` row each, and a
 * message to the topic's dead-letter topic. What this consumer has put aside before, by its message id or place, stays as
 * it is. Takes any bytes.
 *
 * @returns those that are new
 */
export async function putAside(
  em: EntityManager,
  consumer: string,
  source: string,
  letters: readonly PutAside[],
): Promise<PutAside[]> {
  if (letters.length === 0) return []
  const rows = letters.map((letter) => deadLetter(consumer, letter))
  const inserted = await query<{ dead_letter_id: string }>(em, insertDeadLetters, [
    consumer,
    rows.map((row) => row.id),
    rows.map((row) => row.messageId),
    rows.map((row) => row.record.topic),
    rows.map((row) => row.record.partition),
    rows.map((row) => String(row.record.offset)),
    rows.map((row) => row.record.key),
    rows.map((row) => storedHeaders(row.record)),
    rows.map((row) => row.record.value),
    rows.map((row) => row.type),
    rows.map((row) => row.poison.reason),
    rows.map((row) => row.error),
    rows.map((row) => row.poison.attempts),
  ])
  const newIds = new Set(inserted.map((row) => row.dead_letter_id))
  const added = rows.filter((row) => newIds.has(row.id))
  // No limit: the record came from Kafka, and a row that Kafka does not take back is the relay's to park.
  await appendToOutbox(
    em,
    added.map((row) => deadLetterMessage({ ...row, consumer, source })),
    () => Number.POSITIVE_INFINITY,
  )
  return added
}

export interface DeadLetter extends PutAside {
  /** Derived from the consumer and the record's place: two consumers that put one record aside do not collide. */
  readonly id: string
  /** The record's own id, where it has a usable one, or else one derived from its place. */
  readonly messageId: string
  readonly type: string | null
  readonly error: string
}

function deadLetter(consumer: string, { record, poison }: PutAside): DeadLetter {
  const place = `${record.topic}/${record.partition}/${record.offset}`
  const ceId = headerText(record, 'ce_id')
  const type = headerText(record, 'ce_type')
  return {
    record,
    poison,
    id: deriveMessageId('boxoffice.DeadLetter', `${consumer}/${place}`),
    messageId:
      ceId !== null && isUuid(ceId) ? ceId.toLowerCase() : deriveMessageId('boxoffice.Record', place),
    type: type === null ? null : storableText(type, typeLengthMax),
    error: storableText(poison.error, errorLengthMax),
  }
}

function headerText(record: ConsumedRecord, name: string): string | null {
  const value = record.headers[name]
  return Buffer.isBuffer(value) || typeof value === 'string' ? cleanText(value) : null
}

const insertDeadLetters = `
  INSERT INTO dead_letter (dead_letter_id, consumer, message_id, topic, partition, "offset", key, headers, payload,
    type, reason, error, attempts)
  SELECT dead_letter_id, $1, message_id, topic, partition, "offset", key, headers, payload, type, reason, error, attempts
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::bigint[], $7::bytea[], $8::bytea[], $9::bytea[],
    $10::text[], $11::text[], $12::text[], $13::int[])
    AS letter (dead_letter_id, message_id, topic, partition, "offset", key, headers, payload,
      type, reason, error, attempts)
  ORDER BY message_id
  ON CONFLICT DO NOTHING
  RETURNING dead_letter_id`
