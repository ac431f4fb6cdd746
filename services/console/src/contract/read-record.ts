import type { ConsumedRecord } from '@boxoffice/kafka'
import type { ReceivedMessage } from '@boxoffice/messaging'
import { createDecode, headerText, keptRecord, placeId, storableText } from '@boxoffice/messaging/operations'
import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import { create } from '@bufbuild/protobuf'
import { BytesValueSchema } from '@bufbuild/protobuf/wkt'
import { schemas } from './schemas.ts'

/** A record of any topic: a message, or what was wrong with it, and where it stood. */
export interface AuditedRecord extends ReceivedMessage {
  readonly record: ConsumedRecord
  /** Why it is no valid message of its type; null if it is one. */
  readonly problem: string | null
}

const decode = createDecode(createProtobufCodec(schemas))

/**
 * Makes a message of any record. Its id is that of the record's place: the audit trail keeps every record, also the
 * repeats that relays make. One that cannot be decoded, or that breaks its contract, is its bytes, or the first 64 kB of them. A dead letter is held to the
 * contract of the topic that it came from.
 */
export function readRecord(record: ConsumedRecord): AuditedRecord {
  const { topic, partition, offset } = record
  const decoded = decode({ ...record, topic: topic.replace(/-dlt$/, '') })
  const id = placeId(record)
  if ('message' in decoded) return { ...decoded.message, id, topic, record, problem: null }
  const { reason, error } = decoded.poison
  const { whole, ...kept } = keptRecord(record, reason)
  const cut = whole === null ? '' : ` (only the first ${kept.value?.length} of ${whole.bytes} bytes are kept)`
  return {
    id,
    record: { ...record, ...kept },
    problem: storableText(`${reason}: ${error}${cut}`, problemLengthMax),
    type: storableText(headerText(record, 'ce_type') ?? '', typeLengthMax),
    body: create(BytesValueSchema, { value: kept.value ?? new Uint8Array() }),
    subject: storableText(headerText(record, 'ce_subject') ?? '', typeLengthMax),
    time: timeOf(record),
    key: null,
    topic,
    partition,
    offset,
    traceparent: undefined,
  }
}

const problemLengthMax = 500
const typeLengthMax = 200

/** When it was made, or, if it does not say, when it was sent. */
function timeOf(record: ConsumedRecord): Date {
  const told = new Date(headerText(record, 'ce_time') ?? Number.NaN)
  return Number.isNaN(told.getTime()) ? new Date(record.timestampMs ?? 0) : told
}
