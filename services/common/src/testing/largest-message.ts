import {
  create,
  type DescField,
  type DescMessage,
  getOption,
  type Message,
  ScalarType,
} from '@bufbuild/protobuf'
import { type FieldRules, field as rulesOf } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js'

/**
 * A message as large as its rules allow.
 *
 * @param choice - the field of each oneof that is set
 */
export function largestMessage(schema: DescMessage, choice: number): Message {
  const init: Record<string, unknown> = {}
  for (const member of schema.members) {
    if (member.kind === 'field') init[member.localName] = largestValue(member, choice)
    else {
      const field = member.fields[choice % member.fields.length] as DescField
      init[member.localName] = { case: field.localName, value: largestValue(field, choice) }
    }
  }
  // A rule over two fields: a request with offsets names no topics.
  if ((init.from as { case?: string } | undefined)?.case === 'offsets') init.topics = []
  return create(schema, init as never)
}

function largestValue(field: DescField, choice: number): unknown {
  const { type } = getOption(field, rulesOf)
  if (field.fieldKind === 'map')
    throw new TypeError(`${field.name}: no request has a map yet; say here how a large one looks`)
  if (field.fieldKind !== 'list') return largestItem(field, type, choice, 0)
  if (type.case !== 'repeated') throw new TypeError(`${field.name} has no rules`)
  const items = type.value.items?.type ?? { case: undefined }
  return Array.from({ length: Number(type.value.maxItems) }, (_, nth) =>
    largestItem(field, items, choice, nth),
  )
}

type Rules = FieldRules['type']

function largestItem(field: DescField, rules: Rules, choice: number, nth: number): unknown {
  if (field.message !== undefined)
    return wellKnown[field.message.typeName] ?? nested(field.message, choice, nth)
  if (field.enum !== undefined) return 1
  switch (rules.case) {
    case 'string':
      return largestText(rules.value, nth)
    case 'bytes':
      return new Uint8Array(Number(rules.value.maxLen)).fill(255)
    case 'bool':
      return true
    case 'int32':
    case 'int64': {
      const { lessThan } = rules.value
      if (lessThan.value !== undefined) return lessThan.value
      return field.scalar === ScalarType.INT64 ? 2n ** 63n - 1n : 2 ** 31 - 1
    }
    default:
      return field.scalar === ScalarType.BOOL
  }
}

function nested(schema: DescMessage, choice: number, nth: number): Message {
  const message = largestMessage(schema, choice) as Message & { name?: string }
  // Names of sections must differ.
  if (typeof message.name === 'string') message.name = unique(message.name, nth)
  return message
}

const wellKnown: Readonly<Record<string, object>> = {
  'google.protobuf.Timestamp': { seconds: 253402300799n, nanos: 0 },
  'google.protobuf.Duration': { seconds: 59n, nanos: 999_999_999 },
}

const byPattern: Readonly<Record<string, string>> = {
  '^[A-Z0-9]{1,8}$': 'SECTION0',
  '^[A-Z0-9]{1,8}-[0-9]{1,3}-[0-9]{1,3}$': 'SECTION0-100-000',
}

function largestText(
  rules: { pattern: string; maxLen: bigint; maxBytes: bigint; wellKnown: { case?: string | undefined } },
  nth: number,
): string {
  if (rules.wellKnown.case === 'uuid') return '5a0c7b5e-8b7b-4a53-9c3a-0d2f5b6f3a10'
  if (rules.pattern !== '') {
    const text = byPattern[rules.pattern]
    if (text === undefined) throw new TypeError(`say here what matches ${rules.pattern}`)
    return unique(text, nth)
  }
  if (rules.maxBytes > 0n) return unique('x'.repeat(Number(rules.maxBytes)), nth)
  return unique(`${'𝄞'.repeat(Number(rules.maxLen) - 3)}000`, nth)
}

function unique(text: string, nth: number): string {
  return nth === 0 ? text : text.slice(0, -3) + String(nth).padStart(3, '0')
}
