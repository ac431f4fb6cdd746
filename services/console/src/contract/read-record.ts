import type { ConsumedRecord } from '@boxoffice/kafka'
import type { ReceivedMessage } from '@boxoffice/messaging'
import { createDecode, headerText, keptRecord, placeId, storableText } from '@boxoffice/messaging/records'
import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import { create } from '@bufbuild/protobuf'
import { BytesValueSchema } from '@bufbuild/protobuf/wkt'
import { schemas } from './schemas.ts'

/** A record of any topic with its place: a message, or the problem with it. */
export interface AuditedRecord extends ReceivedMessage {
  readonly record: ConsumedRecord
  /** Why the record is not a valid message of its type; null if it is valid. */
  readonly problem: string | null
}

const decode = createDecode(createProtobufCodec(schemas))

/**
 * Turns any record into a message. The id is derived from the record's place, because the audit trail keeps every
 * record, including those that relays publish twice. A record that cannot be decoded or breaks its contract is kept as
 * its bytes, or as the first 64 kB of them. A dead letter must meet the contract of the topic that it came from.
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

/** The time at which the message was made, or, if it has none, the time at which it was sent. */
function timeOf(record: ConsumedRecord): Date {
  const made = new Date(headerText(record, 'ce_time') ?? Number.NaN)
  return Number.isNaN(made.getTime()) ? new Date(record.timestampMs ?? 0) : made
}
