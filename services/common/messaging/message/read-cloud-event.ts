import type { ConsumedRecord } from '@boxoffice/kafka'
import { cleanText, isCleanName } from './clean-text.ts'
import { deriveMessageId } from './message-id.ts'
import type { MessageType } from './message-type.ts'
import { type ContractViolation, PoisonError } from './poison.ts'
import type { ReceivedMessage } from './received-message.ts'
import { keyBytesMax, recordBytes, recordBytesMax } from './record-size.ts'
import { isUuid } from './uuid.ts'

/**
 * Reads a record as a CloudEvent in the Kafka binding's binary mode
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md), and checks it
 * against the contract of its type.
 *
 * @throws PoisonError if it is not valid
 */
export function readCloudEvent(
  record: ConsumedRecord,
  contentType: string,
  types: ReadonlyMap<string, MessageType>,
): ReceivedMessage {
  requireReadable(record)
  const key = record.key === null ? null : cleanText(record.key)
  if (key === null && record.key !== null)
    throw new PoisonError('UNCLEAN_KEY', 'the key is not clean UTF-8 text')
  const headers = readHeaders(record)
  requireValue(headers, 'ce_specversion', (value) => value === '1.0')
  requireValue(headers, 'content-type', (value) => value === contentType)
  const id = requireValue(headers, 'ce_id', isUuid).toLowerCase()
  const type = requireValue(headers, 'ce_type', (value) => value !== '')
  const time = new Date(requireValue(headers, 'ce_time', (value) => !Number.isNaN(Date.parse(value))))
  const subject = requireValue(headers, 'ce_subject', (value) => value !== '')
  const source = requireValue(headers, 'ce_source', (value) => value !== '')
  const contract = types.get(type)
  if (contract === undefined) throw new PoisonError('UNKNOWN_TYPE', `no schema for ${type}`)
  requireSame('WRONG_TOPIC', 'topic', record.topic, contract.topic)
  requireSame('WRONG_SOURCE', 'ce_source', source, contract.source)
  if (record.value === null) throw new PoisonError('NULL_VALUE', 'the value is null')
  const { topic, partition, offset, timestampMs: appendedAtMs } = record
  const body = contract.decode(record.value)
  requireSame('WRONG_KEY', 'key', key, contract.keyOf(body))
  requireSame('WRONG_SUBJECT', 'ce_subject', subject, contract.subjectOf(body))
  const cause = contract.causeOf?.(body, headers.get('ce_causationid'))
  if (cause !== undefined) requireSame('WRONG_ID', 'ce_id', id, deriveMessageId(type, cause))
  const traceparent = headers.get('traceparent')
  return { id, type, body, subject, time, key, topic, partition, offset, appendedAtMs, traceparent }
}

/** Refuses what cannot be read and what is larger than any message of a service, before it is decoded. */
function requireReadable(record: ConsumedRecord): void {
  const { unreadable } = record
  if (unreadable !== undefined) {
    const { firstOffset, lastOffset, error } = unreadable
    throw new PoisonError('UNREADABLE', `${error}; offsets ${firstOffset} to ${lastOffset}`)
  }
  if (record.isPartial) throw new PoisonError('TOO_LARGE', 'only its beginning was kept')
  const bytes = recordBytes(record)
  if (bytes > recordBytesMax)
    throw new PoisonError('TOO_LARGE', `it has ${bytes} bytes, and a message at most ${recordBytesMax}`)
  const keyBytes = record.key?.length ?? 0
  if (keyBytes > keyBytesMax)
    throw new PoisonError(
      'TOO_LARGE',
      `its key has ${keyBytes} bytes, and that of a message at most ${keyBytesMax}`,
    )
}

/** Compares a value in a record with the one that its contract gives. */
function requireSame(reason: ContractViolation, name: string, actual: string | null, expected: string): void {
  if (actual !== expected)
    throw new PoisonError(reason, `${name} is ${quote(actual)}, and by its contract ${quote(expected)}`)
}

function quote(text: string | null): string {
  return JSON.stringify(text === null ? null : text.slice(0, 100))
}

/** Reads each header as text. Those that come several times are left out: none that is read here may. */
function readHeaders(record: ConsumedRecord): Map<string, string> {
  const headers = new Map<string, string>()
  for (const [name, value] of Object.entries(record.headers)) {
    if (!isCleanName(name))
      throw new PoisonError('UNCLEAN_HEADER', 'the name of a header is not clean UTF-8 text')
    for (const single of [value].flat()) {
      if (single === null || single === undefined) continue
      const text = cleanText(single as Buffer | string)
      if (text === null) throw new PoisonError('UNCLEAN_HEADER', `header ${name} is not clean UTF-8 text`)
      if (!Array.isArray(value)) headers.set(name, text)
    }
  }
  return headers
}

function requireValue(
  headers: ReadonlyMap<string, string>,
  name: string,
  valid: (value: string) => boolean,
): string {
  const value = headers.get(name)
  if (value === undefined)
    throw new PoisonError('MISSING_HEADER', `header ${name} is missing, or there several times`)
  if (!valid(value)) throw new PoisonError('INVALID_HEADER', `header ${name} is ${quote(value)}`)
  return value
}
