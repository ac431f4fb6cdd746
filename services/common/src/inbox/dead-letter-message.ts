import type { ConsumedRecord, HeaderValue } from '../kafka/consumed-record.ts'
import type { OutboxHeader, OutboxMessage } from '../outbox/outbox-message.ts'
import { cleanText } from './clean-text.ts'
import type { Poison } from './decode.ts'

/** A record, and why it is put aside. */
export interface PutAside {
  readonly record: ConsumedRecord
  readonly poison: Poison
}

export interface DeadLetter extends PutAside {
  /** Derived from the consumer, the record's place and its id: two consumers that put one record aside do not collide. */
  readonly id: string
  /** What the consumer knows the record by (see putAsideId). */
  readonly messageId: string
  readonly type: string | null
  readonly error: string
}

/** The outbox row of a dead letter: the record as it was, and headers that say where it came from and what is wrong. */
export function deadLetterMessage(letter: DeadLetter & { consumer: string; source: string }): OutboxMessage {
  const { record, poison } = letter
  return {
    id: letter.id,
    topic: `${record.topic}-dlt`,
    key: record.key,
    type: letter.type ?? 'unknown',
    payload: record.value,
    headers: {
      ...outboxHeaders(record),
      'x-dead-letter-id': letter.id,
      'x-consumer': letter.consumer,
      'x-put-aside-by': letter.source,
      'x-original-topic': record.topic,
      'x-original-partition': String(record.partition),
      'x-original-offset': String(record.offset),
      'x-reason': poison.reason,
      'x-error': letter.error,
      'x-attempts': String(poison.attempts),
    },
  }
}

/** jsonb takes no NUL: a value that is not clean text travels as base64, and in a name it becomes U+FFFD. */
function outboxHeaders(record: ConsumedRecord): Record<string, OutboxHeader | readonly OutboxHeader[]> {
  return Object.fromEntries(
    Object.entries(record.headers).map(([name, value]) => [
      name.replaceAll('\0', '\uFFFD'),
      Array.isArray(value) ? value.map(outboxHeader) : outboxHeader(value as HeaderValue | undefined),
    ]),
  )
}

function outboxHeader(value: HeaderValue | undefined): OutboxHeader {
  if (value === null || value === undefined) return ''
  return cleanText(value) ?? { base64: Buffer.from(value as string).toString('base64') }
}
