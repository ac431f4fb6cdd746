import { randomUUID } from 'node:crypto'
import {
  RefundPointCommandSchema,
  type UsePointCommand,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { create, toBinary } from '@bufbuild/protobuf'

export interface TestRecord {
  readonly key: string | Buffer | null
  readonly value: Buffer | null
  readonly headers: Record<string, string | Buffer>
  readonly partition?: number
  /** The time of writing, in milliseconds since 1970; now unless given. */
  readonly timestamp?: string
}

/** Two types with the same fields: the commands of a test's first topic, and of its second. */
export const testCommands = [UsePointCommandSchema, RefundPointCommandSchema] as const

/** A valid message; fields and headers may be replaced. The key is the user. */
export function commandRecord(
  fields: Partial<Pick<UsePointCommand, 'amount' | 'userId'>> & {
    id?: string
    key?: string
    partition?: number
    schema?: (typeof testCommands)[number]
  } = {},
): TestRecord & { readonly id: string } {
  const {
    id = randomUUID(),
    key = 'alice',
    amount = 1n,
    userId = key,
    schema = UsePointCommandSchema,
  } = fields
  const value = create(UsePointCommandSchema, { paymentId: randomUUID(), userId, amount })
  return {
    id,
    key,
    value: Buffer.from(toBinary(UsePointCommandSchema, value)),
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_type: schema.typeName,
      ce_source: 'boxoffice/payment',
      ce_time: new Date().toISOString(),
      ce_subject: value.paymentId,
      'content-type': 'application/protobuf',
    },
    ...(fields.partition === undefined ? {} : { partition: fields.partition }),
  }
}

export interface PoisonRecord {
  readonly what: string
  readonly reason: string
  change(record: TestRecord): TestRecord
}

const broken = Buffer.from([0x66, 0xff, 0xfe])

/** Every kind of bad record that a consumer recognises without its handler. */
export const poisonRecords: readonly PoisonRecord[] = [
  {
    what: 'bytes that are no such message',
    reason: 'UNDECODABLE',
    change: withValue(Buffer.from([0xff, 0xff])),
  },
  { what: 'a null value', reason: 'NULL_VALUE', change: withValue(null) },
  { what: 'a message that violates a rule', reason: 'RULE_VIOLATED', change: withValue(Buffer.alloc(0)) },
  { what: 'a NUL in the key', reason: 'UNCLEAN_KEY', change: withKey('al\0ice') },
  { what: 'broken UTF-8 in the key', reason: 'UNCLEAN_KEY', change: withKey(broken) },
  { what: 'a NUL in a header', reason: 'UNCLEAN_HEADER', change: withHeader('ce_subject', 'a\0b') },
  { what: 'broken UTF-8 in a header', reason: 'UNCLEAN_HEADER', change: withHeader('other', broken) },
  { what: "a NUL in a header's name", reason: 'UNCLEAN_HEADER', change: withHeader('ot\0her', 'x') },
  {
    what: "broken UTF-8 in a header's name",
    reason: 'UNCLEAN_HEADER',
    change: withHeader('ot\uFFFDher', 'x'),
  },
  { what: 'an unknown type', reason: 'UNKNOWN_TYPE', change: withHeader('ce_type', 'boxoffice.Unknown') },
  { what: 'an id that is no UUID', reason: 'INVALID_HEADER', change: withHeader('ce_id', '17') },
  { what: 'a time that is none', reason: 'INVALID_HEADER', change: withHeader('ce_time', 'noon') },
  {
    what: 'another version of CloudEvents',
    reason: 'INVALID_HEADER',
    change: withHeader('ce_specversion', '0.3'),
  },
  {
    what: 'another content type',
    reason: 'INVALID_HEADER',
    change: withHeader('content-type', 'text/plain'),
  },
  {
    what: 'a source that does not own the type',
    reason: 'WRONG_SOURCE',
    change: withHeader('ce_source', 'boxoffice/point'),
  },
  { what: 'the key of another user', reason: 'WRONG_KEY', change: withKey('mallory') },
  { what: 'no key where the contract names one', reason: 'WRONG_KEY', change: withKey(null) },
  {
    what: 'a subject that its body does not name',
    reason: 'WRONG_SUBJECT',
    change: withHeader('ce_subject', randomUUID()),
  },
  {
    what: 'a record without headers',
    reason: 'MISSING_HEADER',
    change: (record) => ({ ...record, headers: {} }),
  },
  ...['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_time', 'ce_subject', 'content-type'].map(
    (name) => ({
      what: `a record without ${name}`,
      reason: 'MISSING_HEADER',
      change: withoutHeader(name),
    }),
  ),
]

function withValue(value: Buffer | null): PoisonRecord['change'] {
  return (record) => ({ ...record, value })
}

function withKey(key: string | Buffer | null): PoisonRecord['change'] {
  return (record) => ({ ...record, key })
}

function withHeader(name: string, value: string | Buffer): PoisonRecord['change'] {
  return (record) => ({ ...record, headers: { ...record.headers, [name]: value } })
}

function withoutHeader(name: string): PoisonRecord['change'] {
  return ({ headers: { [name]: _, ...headers }, ...record }) => ({ ...record, headers })
}
