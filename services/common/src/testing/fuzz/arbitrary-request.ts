import {
  create,
  type DescEnum,
  type DescField,
  type DescMessage,
  getOption,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf'
import { field as rulesOf } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js'
import fc from 'fast-check'

/** The material of likely requests of a method. */
export interface RequestSeeds {
  /** Texts and ids that the service knows, so that a call gets far. */
  readonly samples: readonly string[]
  /** A request that is accepted; its request id is replaced each time. */
  readonly template?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Generates the bytes of a method's requests. Most are messages whose fields have values at the edge of their types or
 * beyond their rules, many are valid except for a field or two, and some are bytes that were changed on the way.
 */
export function requestBytes(schema: DescMessage, seeds: RequestSeeds): fc.Arbitrary<Uint8Array> {
  const wild = message(schema, seeds.samples, depthMax)
  const { template } = seeds
  const inits = template === undefined ? wild : fc.oneof(wild, almost(schema, template, wild))
  const written = inits.map((init) => toBinary(schema, create(schema, init)))
  return fc.oneof({ weight: 8, arbitrary: written }, { weight: 2, arbitrary: written.chain(changed) })
}

/** The template with at most two fields of another request. */
function almost(
  { members }: DescMessage,
  template: Readonly<Record<string, unknown>>,
  wild: fc.Arbitrary<Record<string, unknown>>,
): fc.Arbitrary<Record<string, unknown>> {
  const names = members.map(({ localName }) => localName)
  const chosen = fc.subarray(names, { maxLength: Math.min(2, names.length) })
  return fc.tuple(wild, chosen, fc.uuid()).map(([other, some, requestId]) => ({
    ...template,
    ...(names.includes('requestId') ? { requestId } : {}),
    ...Object.fromEntries(some.filter((name) => name in other).map((name) => [name, other[name]])),
  }))
}

const depthMax = 4

/** The first of the ways to fill a field is the likeliest, and makes the smallest example. */
function message(
  schema: DescMessage,
  samples: readonly string[],
  depth: number,
): fc.Arbitrary<Record<string, unknown>> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {}
  for (const member of schema.members) {
    if (member.kind === 'field') fields[member.localName] = field(member, samples, depth)
    else {
      const cases = member.fields.map((desc) =>
        field(desc, samples, depth).map((value) => ({ case: desc.localName, value })),
      )
      fields[member.localName] = fc.oneof(...cases, fc.constant({ case: undefined }))
    }
  }
  return fc.oneof({ weight: 3, arbitrary: fc.record(fields) }, fc.record(fields, { requiredKeys: [] }))
}

function field(desc: DescField, samples: readonly string[], depth: number): fc.Arbitrary<unknown> {
  switch (desc.fieldKind) {
    case 'scalar':
      return isUuid(desc) ? id(samples) : scalar(desc.scalar, samples)
    case 'enum':
      return enumeration(desc.enum)
    case 'message':
      return depth === 0 ? fc.constant(undefined) : message(desc.message, samples, depth - 1)
    case 'list': {
      const item =
        desc.listKind === 'scalar'
          ? scalar(desc.scalar, samples)
          : desc.listKind === 'enum'
            ? enumeration(desc.enum)
            : message(desc.message, samples, Math.max(0, depth - 1))
      return fc.oneof(fc.array(item, { minLength: 1, maxLength: 3 }), fc.array(item, { maxLength: 60 }))
    }
    default:
      throw new TypeError(`${desc.toString()} is a ${desc.fieldKind}, which no request of ours has`)
  }
}

function scalar(type: ScalarType, samples: readonly string[]): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return text(samples)
    case ScalarType.BYTES:
      return fc.oneof(
        text(samples).map((sample) => Buffer.from(sample)),
        fc.uint8Array({ maxLength: 64 }),
      )
    case ScalarType.BOOL:
      return fc.boolean()
    case ScalarType.INT64:
      return fc.oneof(
        fc.bigInt({ min: 0n, max: 100n }),
        fc.constantFrom(-1n, -(2n ** 63n), 2n ** 63n - 1n, 253_402_300_799n, 253_402_300_800n, 10n ** 12n),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      )
    case ScalarType.INT32:
      return fc.oneof(
        fc.integer({ min: 0, max: 5 }),
        fc.constantFrom(-1, -(2 ** 31), 2 ** 31 - 1, 1_000_000_000, 999_999_999, -999_999_999),
        fc.integer(),
      )
    default:
      throw new TypeError(`${ScalarType[type]} is in no request of ours`)
  }
}

function enumeration({ values }: DescEnum): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constantFrom(...values.map(({ number }) => number)),
    fc.constantFrom(-1, 99, 2 ** 31 - 1),
  )
}

/** Texts that have broken parsers before. */
export const awkwardTexts: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '-1',
  '0x10',
  '1e400',
  'NaN',
  'Infinity',
  '9'.repeat(400),
  '__proto__',
  'constructor',
  'null',
  '%00',
  '%',
  '%E0%A4%A',
  '../../etc/passwd',
  "'; DROP TABLE payment; --",
  '9999-12-31T23:59:60Z',
  '0000-00-00T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '2026-02-30T00:00:00.000Z/00000000-0000-0000-0000-000000000000',
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  '{00000000-0000-0000-0000-000000000000}',
  '\u202e\ufeff\u{1f3ab}',
  '𝟙𝟚',
  'A-1-1',
  'x'.repeat(600),
]

function isUuid(desc: DescField): boolean {
  const { type } = getOption(desc, rulesOf)
  return type.case === 'string' && type.value.wellKnown.case === 'uuid'
}

/** Most ids are known, or a call would get no further than its rules. */
function id(samples: readonly string[]): fc.Arbitrary<string> {
  const known = samples.filter((sample) => sample.length === uuidLength)
  return fc.oneof(
    { weight: 4, arbitrary: known.length > 0 ? fc.constantFrom(...known) : fc.uuid() },
    { weight: 2, arbitrary: fc.uuid() },
    text(samples),
  )
}

const uuidLength = 36

function text(samples: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    fc.uuid(),
    ...(samples.length > 0 ? [fc.constantFrom(...samples)] : []),
    fc.constantFrom(...awkwardTexts),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.base64String({ maxLength: 100 }),
  )
}

/** Replaces some of the bytes, so that lengths, tags and UTF-8 break. */
function changed(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const changes = fc.array(fc.tuple(fc.nat(Math.max(0, bytes.length - 1)), fc.nat(255)), {
    minLength: 1,
    maxLength: 4,
  })
  const cut = fc.nat(bytes.length)
  return fc.tuple(changes, fc.option(cut)).map(([some, length]) => {
    const copy = Uint8Array.from(bytes)
    for (const [index, value] of some) if (index < copy.length) copy[index] = value
    return length === null ? copy : copy.subarray(0, length)
  })
}
