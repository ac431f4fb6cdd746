import { errorLengthMax, storableText } from '../message/clean-text.ts'
import { deriveMessageId } from '../message/message-id.ts'
import { isOutOfLine } from '../message/poison.ts'
import { headerText, placeOf } from '../message/record-id.ts'
import { storedHeaders } from '../message/stored-headers.ts'
import { appendToOutbox } from '../outbox/append.ts'
import { atOnce } from '../sql/at-once.ts'
import type { Sql } from '../sql/sql.ts'
import { deadLetterMessage, type NewDeadLetter, type PutAside } from './dead-letter-message.ts'
import { keptRecord } from './kept-record.ts'
import { parkKeys, topicKeyOf } from './parked-keys.ts'

const typeLengthMax = 200

/**
 * Puts records aside, in the transaction that moves their positions. Each becomes a `dead_letter` row, and its key is
 * parked unless the record breaks its contract. A record that is wrong itself also becomes a message to the topic's
 * dead-letter topic; one that only waits behind another does not, as it is handled in the end. A record that this
 * consumer has put aside before, by its message id, stays as it is. Takes any bytes, and keeps no more of them than
 * {@link keptRecord} says.
 *
 * @returns the records that were not put aside before
 */
export async function putAside(
  sql: Sql,
  consumer: string,
  source: string,
  letters: readonly PutAside[],
): Promise<PutAside[]> {
  if (letters.length === 0) return []
  const rows = letters.map((letter) => deadLetter(consumer, letter))
  const inserted = await sql.query<{ dead_letter_id: string }>(insertDeadLetters, [
    consumer,
    rows.map((row) => row.id),
    rows.map((row) => row.messageId),
    rows.map((row) => row.record.topic),
    rows.map((row) => row.record.partition),
    rows.map((row) => String(row.record.offset)),
    rows.map((row) => row.kept.key),
    rows.map((row) => storedHeaders({ ...row.record, ...row.kept })),
    rows.map((row) => row.kept.value),
    rows.map((row) => row.kept.whole?.bytes ?? null),
    rows.map((row) => row.kept.whole?.sha256 ?? null),
    rows.map((row) => row.type),
    rows.map((row) => row.poison.reason),
    rows.map((row) => row.error),
    rows.map((row) => row.poison.attempts),
    rows.map((row) => row.parksKey),
    rows.map((row) => row.record.topicId ?? null),
  ])
  const newIds = new Set(inserted.map((row) => row.dead_letter_id))
  const added = rows.filter((row) => newIds.has(row.id))
  await parkKeys(
    sql,
    consumer,
    added.filter(({ parksKey }) => parksKey).flatMap(({ record }) => topicKeyOf(record) ?? []),
  )
  // No limit: the record came from Kafka, and the relay parks a row that Kafka does not take back.
  await appendToOutbox(
    atOnce(sql),
    added
      .filter(({ poison }) => poison.reason !== 'KEY_PARKED')
      .map((row) => deadLetterMessage({ ...row, consumer, source })),
    Number.POSITIVE_INFINITY,
  )
  return added
}

function deadLetter(
  consumer: string,
  { record, poison, messageId }: PutAside,
): NewDeadLetter & { readonly parksKey: boolean } {
  const type = headerText(record, 'ce_type')
  return {
    record,
    poison,
    // With the message id: a topic that was created again has another message at the same place.
    id: deriveMessageId('boxoffice.DeadLetter', `${consumer}/${placeOf(record)}/${messageId}`),
    messageId,
    kept: keptRecord(record, poison.reason),
    parksKey: topicKeyOf(record) !== undefined && !isOutOfLine(poison.reason),
    type: type === null ? null : storableText(type, typeLengthMax),
    error: storableText(poison.error, errorLengthMax),
  }
}

const insertDeadLetters = `
  INSERT INTO dead_letter (dead_letter_id, consumer, message_id, topic, partition, "offset", key, headers, payload,
    payload_bytes, payload_sha256, type, reason, error, attempts, parks_key, topic_id)
  SELECT dead_letter_id, $1, message_id, topic, partition, "offset", key, headers, payload, payload_bytes, payload_sha256,
    type, reason, error, attempts, parks_key, topic_id
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::bigint[], $7::bytea[], $8::bytea[], $9::bytea[],
    $10::bigint[], $11::bytea[], $12::text[], $13::text[], $14::text[], $15::int[], $16::boolean[], $17::uuid[])
    AS letter (dead_letter_id, message_id, topic, partition, "offset", key, headers, payload, payload_bytes, payload_sha256,
      type, reason, error, attempts, parks_key, topic_id)
  ORDER BY topic, partition, "offset"
  ON CONFLICT (consumer, message_id) DO NOTHING
  RETURNING dead_letter_id`
