import { query, write } from '@boxoffice/common/postgres/query.ts'
import type { ConsumedRecord } from '@boxoffice/kafka'
import { cleanText, headerText, isCleanName, storableText } from '@boxoffice/messaging/records'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { AuditedRecord } from '../contract/read-record.ts'

/**
 * Appends records to the trail, in one statement. A lock admits one transaction at a time, so that positions are in
 * the order of commits, even with several replicas. A reader that has read up to a position has missed nothing before
 * it.
 */
export async function recordMessages(em: EntityManager, messages: readonly AuditedRecord[]): Promise<void> {
  await query(em, 'SELECT pg_advisory_xact_lock($1)', [appendLock])
  await write(em, insertMessages, [
    messages.map(({ topic }) => topic),
    messages.map(({ partition }) => partition),
    messages.map(({ offset }) => String(offset)),
    messages.map(({ record }) => uuidIn(record, 'ce_id')),
    messages.map(({ record }) => uuidIn(record, 'ce_causationid')),
    messages.map(paymentIdOf),
    messages.map(({ type }) => type),
    messages.map(({ record }) => storableText(headerText(record, 'ce_source') ?? '', 200)),
    messages.map(({ record }) => keyText(record)),
    messages.map(({ record }) => JSON.stringify(headersOf(record))),
    messages.map(({ record }) => record.value),
    messages.map(({ problem }) => problem),
    messages.map(({ time }) => time.toISOString()),
    messages.map(({ record, time }) => new Date(record.timestampMs ?? time).toISOString()),
    messages.map(({ record }) => record.topicId ?? null),
  ])
}

/** The key of the advisory lock; no other transaction of this database may use it. */
const appendLock = 20_260_606

const insertMessages = `
  INSERT INTO message (topic, partition, "offset", message_id, cause_id, payment_id, type, source, key, headers, payload,
    problem, made_at, published_at, topic_id)
  SELECT topic, partition, "offset", message_id, cause_id, payment_id, type, source, key, headers, payload,
    problem, made_at, published_at, topic_id
  FROM unnest($1::text[], $2::int[], $3::bigint[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[],
    $10::jsonb[], $11::bytea[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::uuid[]) WITH ORDINALITY
    AS record (topic, partition, "offset", message_id, cause_id, payment_id, type, source, key, headers, payload,
      problem, made_at, published_at, topic_id, nth)
  ORDER BY nth
  ON CONFLICT (topic, partition, "offset", topic_id) DO NOTHING`

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function uuidIn(record: ConsumedRecord, header: string): string | null {
  const text = headerText(record, header)
  return text !== null && uuidPattern.test(text) ? text : null
}

/**
 * The id of the payment that a message is about, or null. Such a message has the id as its subject and in its body.
 */
function paymentIdOf({ body, subject, problem, topic }: AuditedRecord): string | null {
  if (!uuidPattern.test(subject)) return null
  if (problem !== null || topic === 'payment-events') return subject
  const named = (body as { readonly paymentId?: unknown }).paymentId
  return named === subject || topic.endsWith('-dlt') ? subject : null
}

function keyText({ key }: ConsumedRecord): string | null {
  if (key === null) return null
  return storableText(cleanText(key) ?? `0x${key.toString('hex')}`, 500)
}

const headersMax = 50
const headerLengthMax = 2_000

/** The headers as text; values that are not text are written in hexadecimal. */
function headersOf({ headers }: ConsumedRecord): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .slice(0, headersMax)
      .map(([name, value]) => {
        const first = Array.isArray(value) ? value[0] : value
        const bytes = Buffer.from(first ?? '')
        const text = cleanText(bytes) ?? `0x${bytes.toString('hex')}`
        const clean = isCleanName(name) ? name : storableText(name, 200)
        return [clean, storableText(text, headerLengthMax)]
      }),
  )
}
