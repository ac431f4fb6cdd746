import type { ConsumedRecord, HeaderValue } from '@boxoffice/kafka'
import { cleanText } from '../message/clean-text.ts'
import type { OutboxHeader, OutboxMessage } from '../message/outbox-message.ts'
import type { Poison } from '../message/poison.ts'
import type { KeptRecord } from './kept-record.ts'

/** A record, and the reason why it is put aside. */
export interface PutAside {
  readonly record: ConsumedRecord
  readonly poison: Poison
  /** The id that the inbox of the consumer has for the record: that of its message, or that of putAsideId. */
  readonly messageId: string
}

export interface NewDeadLetter extends PutAside {
  /**
   * Derived from the consumer, the record's place and its id: two consumers that put one record aside do not collide.
   */
  readonly id: string
  readonly type: string | null
  readonly error: string
  /** The part of the record that is kept. */
  readonly kept: KeptRecord
}

/**
 * The outbox row of a dead letter: the record as far as it is kept, and headers that say where it came from and what
 * is wrong.
 */
export function deadLetterMessage(
  letter: NewDeadLetter & { consumer: string; source: string },
): OutboxMessage {
  const { record, poison, kept } = letter
  return {
    id: letter.id,
    topic: `${record.topic}-dlt`,
    key: kept.key,
    type: letter.type ?? 'unknown',
    payload: kept.value,
    headers: {
      ...outboxHeaders(kept),
      'x-dead-letter-id': letter.id,
      'x-consumer': letter.consumer,
      'x-put-aside-by': letter.source,
      'x-original-topic': record.topic,
      'x-original-partition': String(record.partition),
      'x-original-offset': String(record.offset),
      'x-reason': poison.reason,
      'x-error': letter.error,
      'x-attempts': String(poison.attempts),
      ...(kept.whole && {
        'x-payload-bytes': String(kept.whole.bytes),
        'x-payload-sha256': kept.whole.sha256.toString('hex'),
      }),
    },
  }
}

/** jsonb takes no NUL: a value that is not clean text travels as base64, and in a name it becomes U+FFFD. */
function outboxHeaders(
  record: Pick<ConsumedRecord, 'headers'>,
): Record<string, OutboxHeader | readonly OutboxHeader[]> {
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
