import { type DescField, type DescMessage, getOption } from '@bufbuild/protobuf'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { field as rulesOf } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js'
import { apiError, Code, ErrorReason } from '../status/errors.ts'

/** The fields of a message that are lists or maps, or contain some, by number. */
export type ElementBounds = ReadonlyMap<number, ElementBound>

interface ElementBound {
  readonly name: string
  /** Undefined for a single message that contains lists. */
  readonly itemsMax: number | undefined
  /** Whether the field is a list of numbers, which may come packed into one field. */
  readonly isPackable: boolean
  readonly nested: ElementBounds | undefined
}

/** The lists and maps of a message and the number of elements that its contract allows; undefined if it has none. */
export function elementBoundsOf(schema: DescMessage): ElementBounds | undefined {
  const bounds = new Map<number, ElementBound>()
  for (const field of schema.fields) {
    const nested = field.message === undefined ? undefined : elementBoundsOf(field.message)
    const itemsMax = itemsMaxOf(field)
    if (itemsMax === undefined && nested === undefined) continue
    const isPackable = field.fieldKind === 'list' && field.packed
    bounds.set(field.number, { name: field.name, itemsMax, isPackable, nested })
  }
  return bounds.size === 0 ? undefined : bounds
}

/**
 * Counts the elements of an encoded message before it is decoded. An empty element has two bytes on the wire, and
 * becomes an object and, if it breaks a rule, a violation.
 *
 * @throws ApiError INVALID_ARGUMENT (FIELD_VIOLATION) that names the first list or map that has too many
 * @throws Error if the bytes are not a message
 */
export function checkElements(bytes: Uint8Array, bounds: ElementBounds): void {
  count(bytes, bounds, { elements: new Map(), nested: new Map() }, '')
}

/** The counts of a message that may come in parts: parts that are merged count together. */
interface Counts {
  readonly elements: Map<number, number>
  readonly nested: Map<number, Counts>
}

function count(bytes: Uint8Array, bounds: ElementBounds, counts: Counts, path: string): void {
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    const bound = bounds.get(number)
    if (bound === undefined) {
      reader.skip(wireType, number)
      continue
    }
    const isDelimited = wireType === WireType.LengthDelimited
    const value = isDelimited ? reader.bytes() : undefined
    if (value === undefined) reader.skip(wireType, number)
    const seen = counts.elements.get(number) ?? 0
    const elements = seen + (bound.isPackable && value !== undefined ? packedElements(value) : 1)
    counts.elements.set(number, elements)
    const { name, itemsMax, nested } = bound
    if (itemsMax !== undefined && elements > itemsMax) throw tooMany(path + name, itemsMax)
    if (nested === undefined || value === undefined) continue
    const [inner, step] =
      itemsMax === undefined ? [partOf(counts, number), `${name}.`] : [newCounts(), `${name}[${seen}].`]
    count(value, nested, inner, path + step)
  }
}

function partOf(counts: Counts, number: number): Counts {
  const part = counts.nested.get(number) ?? newCounts()
  counts.nested.set(number, part)
  return part
}

function newCounts(): Counts {
  return { elements: new Map(), nested: new Map() }
}

/** Counts the bytes below 128 in a packed field. Each varint ends with one; for fixed numbers it is an upper bound. */
function packedElements(value: Uint8Array): number {
  let ends = 0
  for (const byte of value) if (byte < 128) ends += 1
  return ends
}

function itemsMaxOf(field: DescField): number | undefined {
  const { type } = getOption(field, rulesOf)
  if (type.case === 'repeated') return Number(type.value.maxItems)
  if (type.case === 'map') return Number(type.value.maxPairs)
  return undefined
}

function tooMany(field: string, itemsMax: number): Error {
  const description = `must contain no more than ${itemsMax} item(s)`
  return apiError(Code.INVALID_ARGUMENT, ErrorReason.FIELD_VIOLATION, `${field}: ${description}`, undefined, [
    { field, description },
  ])
}
