import { type DescField, type DescMessage, getOption, ScalarType } from '@bufbuild/protobuf'
import {
  type FieldRules,
  Ignore,
  field as rulesOf,
} from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js'
import { type ApiError, apiError, Code, ErrorReason } from '../status/errors.ts'
import { type ElementBounds, elementBoundsOf } from './element-bounds.ts'

/** The upper bounds of a request that breaks no rule of its contract. */
export interface RequestBounds {
  /** The encoded size, with room for a few fields of a later contract. */
  readonly bytesMax: number
  /** The number of elements of its lists and maps; undefined if it has none. */
  readonly elements: ElementBounds | undefined
}

const known = new Map<DescMessage, RequestBounds>()
const laterFieldsBytes = 256

/**
 * Derives the bounds of a message from its fields and their protovalidate rules.
 *
 * @throws TypeError that names a field without a bound: a text needs `max_len` or the like, a list `max_items`, a map `max_pairs`
 */
export function requestBoundsOf(schema: DescMessage): RequestBounds {
  let bounds = known.get(schema)
  if (bounds === undefined) {
    const bytesMax = messageBytes(schema, []) + laterFieldsBytes
    bounds = { bytesMax, elements: elementBoundsOf(schema) }
    known.set(schema, bounds)
  }
  return bounds
}

/** The error for a request that is larger than any valid one. */
export function requestTooLarge(name: string, bytes: number, bytesMax: number): ApiError {
  return apiError(
    Code.RESOURCE_EXHAUSTED,
    ErrorReason.REQUEST_TOO_LARGE,
    `${name} has at most ${bytesMax} bytes; this one has ${bytes}`,
    { bytes_max: String(bytesMax) },
  )
}

/** The size of the largest encoding of a message. Only one field of a oneof counts. */
function messageBytes(schema: DescMessage, within: readonly DescMessage[]): number {
  if (within.includes(schema)) throw new TypeError(`${schema.typeName} holds itself, and has no largest size`)
  const path = [...within, schema]
  return schema.members.reduce((sum, member) => {
    const fields = member.kind === 'oneof' ? member.fields : [member]
    return sum + Math.max(...fields.map((field) => fieldBytes(field, path)))
  }, 0)
}

function fieldBytes(field: DescField, path: readonly DescMessage[]): number {
  const rules = rulesFor(field)
  const tag = varintBytes(field.number * 8)
  switch (field.fieldKind) {
    case 'list': {
      const { maxItems, items } = rules?.type.case === 'repeated' ? rules.type.value : unbounded(field)
      return positive(maxItems, field) * (tag + valueBytes(field, field.listKind, items, path))
    }
    case 'map': {
      const { maxPairs, keys, values } = rules?.type.case === 'map' ? rules.type.value : unbounded(field)
      const key = 1 + scalarBytes(field, field.mapKey, keys)
      const value = 1 + valueBytes(field, field.mapKind, values, path)
      return positive(maxPairs, field) * (tag + delimited(key + value))
    }
    default:
      return tag + valueBytes(field, field.fieldKind, rules, path)
  }
}

function valueBytes(
  field: DescField,
  kind: 'scalar' | 'enum' | 'message',
  rules: FieldRules | undefined,
  path: readonly DescMessage[],
): number {
  if (kind === 'message') return delimited(messageBytes(field.message as DescMessage, path))
  return kind === 'enum' ? varintBytesMax : scalarBytes(field, field.scalar as ScalarType, rules)
}

function scalarBytes(field: DescField, scalar: ScalarType, rules: FieldRules | undefined): number {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return delimited(textBytes(rules) ?? unbounded(field))
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 8
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return 4
    default:
      // A small number may also be encoded in ten bytes.
      return varintBytesMax
  }
}

/** The size of the longest text or bytes that the rules allow; undefined if they allow any. */
function textBytes(rules: FieldRules | undefined): number | undefined {
  const bounds: number[] = []
  if (rules?.type.case === 'bytes') {
    const { maxLen, len } = rules.type.value
    bounds.push(Number(maxLen), Number(len))
  }
  if (rules?.type.case === 'string') {
    const { maxBytes, lenBytes, maxLen, len, wellKnown } = rules.type.value
    // Lengths count code points, each of which has at most four bytes of UTF-8.
    bounds.push(Number(maxBytes), Number(lenBytes), Number(maxLen) * 4, Number(len) * 4)
    if (wellKnown.case === 'uuid') bounds.push(36)
  }
  const set = bounds.filter((bound) => bound > 0)
  return set.length === 0 ? undefined : Math.min(...set)
}

function rulesFor(field: DescField): FieldRules | undefined {
  const rules = getOption(field, rulesOf)
  return rules.ignore === Ignore.ALWAYS ? undefined : rules
}

function positive(bound: bigint, field: DescField): number {
  return bound > 0n ? Number(bound) : unbounded(field)
}

function unbounded(field: DescField): never {
  throw new TypeError(`${field.parent.typeName}.${field.name} has no bound in its contract`)
}

function delimited(bytes: number): number {
  return varintBytes(bytes) + bytes
}

const varintBytesMax = 10

function varintBytes(value: number): number {
  return Math.max(1, Math.ceil(Math.log2(value + 1) / 7))
}
