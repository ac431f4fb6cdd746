import type { ConsumedRecord } from '@boxoffice/kafka'
import { type DescMessage, fromBinary, type Message } from '@bufbuild/protobuf'
import { createValidator } from '@bufbuild/protovalidate'
import { validate as isUuid } from 'uuid'
import { cleanText, errorLengthMax, isCleanName, storableText } from './clean-text.ts'
import { type Contract, contractOf } from './contract-of.ts'
import type { ReceivedMessage } from './message-handler.ts'
import { deriveMessageId } from './message-id.ts'
import { keyBytesMax, recordBytes, recordBytesMax } from './record-size.ts'

/** Why a record cannot be handled. */
export type PoisonReason =
  /** It is a batch of records that cannot be read. */
  | 'UNREADABLE'
  | 'UNCLEAN_KEY'
  | 'UNCLEAN_HEADER'
  | 'MISSING_HEADER'
  | 'INVALID_HEADER'
  | 'UNKNOWN_TYPE'
  | 'NULL_VALUE'
  | 'UNDECODABLE'
  | 'RULE_VIOLATED'
  /** It breaks its contract: nobody who may send it has sent it so. */
  | ContractViolation
  | 'HANDLER_FAILED'
  /** It disagrees with what the service has on record. */
  | 'CONTRADICTS_RECORD'
  /** Nothing is wrong with it: an earlier message of its key is put aside. */
  | 'KEY_PARKED'

const contractViolations = [
  'WRONG_TOPIC',
  'WRONG_SOURCE',
  'WRONG_KEY',
  'WRONG_SUBJECT',
  'WRONG_ID',
  'TOO_LARGE',
] as const

/** What a record says is not what its contract says. */
export type ContractViolation = (typeof contractViolations)[number]

/**
 * Whether a record is put aside without a place in the line of its key: a record that breaks its contract is no message of that
 * key, so that the key's own messages do not wait for it.
 */
export function isOutOfLine(reason: PoisonReason): reason is ContractViolation {
  return (contractViolations as readonly string[]).includes(reason)
}

/** Reasons to put aside what was decoded, and keeps its contract. */
export const believedReasons: ReadonlySet<PoisonReason> = new Set([
  'HANDLER_FAILED',
  'CONTRADICTS_RECORD',
  'KEY_PARKED',
])

export interface Poison {
  readonly reason: PoisonReason
  /** What is wrong, without the payload. */
  readonly error: string
  /** How often it was tried. */
  readonly attempts: number
}

/** A record is a message or poison. */
export type Decoded =
  | { readonly record: ConsumedRecord; readonly message: ReceivedMessage }
  | { readonly record: ConsumedRecord; readonly poison: Poison }

/**
 * Reads a record as a CloudEvent in the Kafka binding's binary mode, by the schemas given, and believes it as far as its
 * contract goes; it never throws.
 */
export type Decode = (record: ConsumedRecord) => Decoded

const validator = createValidator()

export function createDecode(schemas: readonly DescMessage[]): Decode {
  const known = new Map(
    schemas.map((schema) => [schema.typeName, { schema, contract: contractOf(schema) }] as const),
  )
  return (record) => {
    try {
      return { record, message: decodeMessage(record, known) }
    } catch (error) {
      const reason = error instanceof PoisonError ? error.reason : 'UNDECODABLE'
      return {
        record,
        poison: { reason, error: errorOf(error), attempts: 1 },
      }
    }
  }
}

/** Bounded: what is wrong may be quoted in it. */
function errorOf(error: unknown): string {
  return storableText(String(error instanceof Error ? error.message : error), errorLengthMax)
}

/** For a handler that takes any record: nothing is poison. */
export function readEverything(read: (record: ConsumedRecord) => ReceivedMessage): Decode {
  return (record) => ({ record, message: read(record) })
}

class PoisonError extends Error {
  readonly reason: PoisonReason

  constructor(reason: PoisonReason, message: string) {
    super(message)
    this.reason = reason
  }
}

interface KnownType {
  readonly schema: DescMessage
  readonly contract: Contract
}

function decodeMessage(record: ConsumedRecord, known: ReadonlyMap<string, KnownType>): ReceivedMessage {
  requireReadable(record)
  const key = record.key === null ? null : cleanText(record.key)
  if (key === null && record.key !== null)
    throw new PoisonError('UNCLEAN_KEY', 'the key is not clean UTF-8 text')
  const headers = readHeaders(record)
  requireValue(headers, 'ce_specversion', (value) => value === '1.0')
  requireValue(headers, 'content-type', (value) => value === 'application/protobuf')
  const id = requireValue(headers, 'ce_id', isUuid).toLowerCase()
  const type = requireValue(headers, 'ce_type', (value) => value !== '')
  const time = new Date(requireValue(headers, 'ce_time', (value) => !Number.isNaN(Date.parse(value))))
  const subject = requireValue(headers, 'ce_subject', (value) => value !== '')
  const source = requireValue(headers, 'ce_source', (value) => value !== '')
  const found = known.get(type)
  if (found === undefined) throw new PoisonError('UNKNOWN_TYPE', `no schema for ${type}`)
  const { schema, contract } = found
  requireSame('WRONG_TOPIC', 'topic', record.topic, contract.topic)
  requireSame('WRONG_SOURCE', 'ce_source', source, contract.source)
  if (record.value === null) throw new PoisonError('NULL_VALUE', 'the value is null')
  const { topic, partition, offset, timestampMs: appendedAtMs } = record
  const body = decodeBody(schema, record.value)
  requireSame('WRONG_KEY', 'key', key, contract.keyOf(body))
  requireSame('WRONG_SUBJECT', 'ce_subject', subject, contract.subjectOf(body))
  const cause = contract.causeOf(body, headers.get('ce_causationid'))
  if (cause !== undefined) requireSame('WRONG_ID', 'ce_id', id, deriveMessageId(type, cause))
  const traceparent = headers.get('traceparent')
  return { id, type, schema, body, subject, time, key, topic, partition, offset, appendedAtMs, traceparent }
}

/** Nothing that a service sends is larger; what is, is not even looked at. */
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

/** Holds what a record says against what its contract says. */
function requireSame(reason: ContractViolation, name: string, told: string | null, agreed: string): void {
  if (told !== agreed)
    throw new PoisonError(reason, `${name} is ${shown(told)}, and by its contract ${shown(agreed)}`)
}

function shown(text: string | null): string {
  return JSON.stringify(text === null ? null : text.slice(0, 100))
}

/** Each header as text; those that come several times are left out, as nothing here may. */
function readHeaders(record: ConsumedRecord): Map<string, string> {
  const headers = new Map<string, string>()
  for (const [name, value] of Object.entries(record.headers)) {
    if (!isCleanName(name))
      throw new PoisonError('UNCLEAN_HEADER', 'the name of a header is not clean UTF-8 text')
    for (const one of [value].flat()) {
      if (one === null || one === undefined) continue
      const text = cleanText(one as Buffer | string)
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
  if (!valid(value)) throw new PoisonError('INVALID_HEADER', `header ${name} is ${shown(value)}`)
  return value
}

function decodeBody(schema: DescMessage, value: Buffer): Message {
  let body: Message
  try {
    body = fromBinary(schema, value)
  } catch (error) {
    throw new PoisonError(
      'UNDECODABLE',
      `not a ${schema.typeName}: ${error instanceof Error ? error.message : error}`,
    )
  }
  const result = validator.validate(schema, body)
  if (result.kind === 'valid') return body
  throw new PoisonError('RULE_VIOLATED', `${schema.typeName}: ${result.error?.message}`)
}
