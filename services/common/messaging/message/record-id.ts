import { createHash } from 'node:crypto'
import type { ConsumedRecord } from '@boxoffice/kafka'
import { cleanText } from './clean-text.ts'
import { deriveMessageId } from './message-id.ts'
import { believedReasons, type PoisonReason } from './poison.ts'
import { storedHeaders } from './stored-headers.ts'
import { isUuid } from './uuid.ts'

/** A record's own id, where it has a usable one, or else that of its place. */
export function recordId(record: ConsumedRecord): string {
  return ownId(record) ?? placeId(record)
}

/** The id of a record's place: no other record has it, not even one in another topic of that name. */
export function placeId(record: ConsumedRecord): string {
  const { topicId } = record
  return deriveMessageId(
    'boxoffice.Record',
    topicId === undefined ? placeOf(record) : `${topicId}/${placeOf(record)}`,
  )
}

/**
 * The id by which a consumer knows a record that it puts aside. Only a record that keeps its contract keeps its own
 * id: any writer can put the id of an honest message into a header, and the honest message would then look like a
 * repeat. Other records get a digest of their contents, so that a relay's repeats are still recognised, or the id of
 * their place if their own id is not usable.
 */
export function putAsideId(record: ConsumedRecord, reason: PoisonReason): string {
  const own = ownId(record)
  if (own === null) return placeId(record)
  return believedReasons.has(reason) ? own : deriveMessageId('boxoffice.Record', digestOf(record))
}

function ownId(record: ConsumedRecord): string | null {
  const id = headerText(record, 'ce_id')
  return id !== null && isUuid(id) ? id.toLowerCase() : null
}

function digestOf(record: ConsumedRecord): string {
  const { topic, partition, key, value } = record
  const hash = createHash('sha256')
  for (const part of [`${topic}/${partition}`, key, value, storedHeaders(record)])
    hash.update(part === null ? 'null/' : `${part.length}/`).update(part ?? '')
  return hash.digest('hex')
}

export function placeOf({ topic, partition, offset }: ConsumedRecord): string {
  return `${topic}/${partition}/${offset}`
}

/** A header as text; null if it is missing, there several times, or not clean text. */
export function headerText(record: ConsumedRecord, name: string): string | null {
  const value = record.headers[name]
  return Buffer.isBuffer(value) || typeof value === 'string' ? cleanText(value) : null
}
