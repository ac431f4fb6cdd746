import type { OutboxMessage } from '../message/outbox-message.ts'
import type { Sql } from '../sql/sql.ts'

/** The size of a record beyond key, value and headers, generously. */
const recordOverheadBytes = 128

/** Its topic would refuse the message. The error ends the caller's transaction, which the message belongs to. */
class MessageTooLargeError extends Error {
  override readonly name = 'MessageTooLargeError'
  readonly code = 'MESSAGE_TOO_LARGE'
  readonly retriable = false
}

/**
 * Writes messages into the outbox, in order, in the transaction of `sql`: they are published exactly if that
 * transaction commits.
 *
 * Call it last, after the rows that the messages are about are locked: then the order of ids is the order of commits
 * for a key.
 *
 * @param limitBytes - the largest record that the topics accept
 * @throws MessageTooLargeError if a message is larger
 */
export async function appendToOutbox(
  sql: Sql,
  messages: readonly OutboxMessage[],
  limitBytes: number = defaultLimitBytes,
): Promise<void> {
  if (messages.length === 0) return
  for (const message of messages) refuseTooLarge(message, limitBytes)
  requireSql(sql)
  const rows = [
    messages.map((message) => message.id),
    messages.map((message) => message.topic),
    messages.map((message) => message.key),
    messages.map((message) => message.type),
    messages.map((message) => message.payload),
    messages.map((message) => JSON.stringify(message.headers)),
  ]
  if (sql.write) await sql.write(insertOutboxRows, rows)
  else await sql.query(insertOutboxRows, rows)
}

/** A pool runs each statement in its own transaction: the message could be committed without its business row. */
function requireSql(sql: Sql): void {
  if (!('connect' in sql)) return
  throw new TypeError(
    'appendToOutbox was given a connection or a pool of a database library. Give it the transaction that messaging hands out, or sqlOf(client) of @boxoffice/messaging/pg inside one',
  )
}

/** Kafka's default `max.message.bytes`, which k8s/base/topics.yaml keeps for every topic but the dead-letter ones. */
const defaultLimitBytes = 1_048_576

const insertOutboxRows = `
  INSERT INTO outbox (message_id, topic, key, type, payload, headers)
  SELECT message_id, topic, key, type, payload, headers
  FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::bytea[], $6::jsonb[])
    WITH ORDINALITY AS message (message_id, topic, key, type, payload, headers, position)
  ORDER BY position`

function refuseTooLarge(message: OutboxMessage, limitBytes: number): void {
  const sizeBytes =
    (message.key?.length ?? 0) + (message.payload?.length ?? 0) + headersBytes(message) + recordOverheadBytes
  if (sizeBytes <= limitBytes) return
  throw new MessageTooLargeError(
    `message ${message.id} (${message.type}) is ${sizeBytes} bytes, and ${message.topic} takes ${limitBytes}`,
  )
}

function headersBytes(message: OutboxMessage): number {
  return Buffer.byteLength(JSON.stringify(message.headers))
}
