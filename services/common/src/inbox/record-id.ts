import { validate as isUuid } from 'uuid'
import type { ConsumedRecord } from '../kafka/consumed-record.ts'
import { deriveMessageId } from '../outbox/message-id.ts'
import { cleanText } from './clean-text.ts'

/** A record's own id, where it has a usable one, or else one derived from its place. */
export function recordId(record: ConsumedRecord): string {
  const id = headerText(record, 'ce_id')
  return id !== null && isUuid(id) ? id.toLowerCase() : deriveMessageId('boxoffice.Record', placeOf(record))
}

export function placeOf({ topic, partition, offset }: ConsumedRecord): string {
  return `${topic}/${partition}/${offset}`
}

/** A header as text; null if it is missing, there several times, or not clean text. */
export function headerText(record: ConsumedRecord, name: string): string | null {
  const value = record.headers[name]
  return Buffer.isBuffer(value) || typeof value === 'string' ? cleanText(value) : null
}
