import { type DescField, type DescMessage, isMessage, type Message } from '@bufbuild/protobuf'
import { DurationSchema, TimestampSchema } from '@bufbuild/protobuf/wkt'
import type { FieldViolation } from '../status/errors.ts'

/** A timestamp has 0 to 999,999,999 ns. A duration has up to as many, with the sign of its seconds. */
const nanosMax = 999_999_999

/**
 * Finds the malformed timestamps and durations of a request, by the rules of google/protobuf/timestamp.proto and
 * duration.proto. The rules of a field compare their values, and would accept 2 s of nanoseconds.
 */
export function malformedTimes(request: Message, schema: DescMessage, path = ''): FieldViolation[] {
  return timeFieldsOf(schema).flatMap((field) =>
    valuesOf(request, field).flatMap(([value, index]) => {
      const here = `${path}${field.name}${index === undefined ? '' : `[${index}]`}`
      if (isMessage(value, TimestampSchema)) return violationsOf(here, isTimestamp(value))
      if (isMessage(value, DurationSchema)) return violationsOf(here, isDuration(value))
      return malformedTimes(value, messageOf(field), `${here}.`)
    }),
  )
}

function isTimestamp({ nanos }: { readonly nanos: number }): boolean {
  return nanos >= 0 && nanos <= nanosMax
}

function isDuration({ seconds, nanos }: { readonly seconds: bigint; readonly nanos: number }): boolean {
  const isSameSign = seconds === 0n || nanos === 0 || seconds > 0n === nanos > 0
  return Math.abs(nanos) <= nanosMax && isSameSign
}

function violationsOf(field: string, isWellFormed: boolean): FieldViolation[] {
  return isWellFormed ? [] : [{ field, description: 'nanos are out of their range' }]
}

/** The messages in a field, with their indexes in a list. */
function valuesOf(request: Message, field: DescField): [Message, number | undefined][] {
  const fields = request as unknown as Readonly<Record<string, unknown>>
  const chosen = field.oneof && (fields[field.oneof.localName] as { case?: string; value?: unknown })
  const value =
    chosen === undefined
      ? fields[field.localName]
      : chosen.case === field.localName
        ? chosen.value
        : undefined
  if (Array.isArray(value)) return (value as Message[]).map((item, index) => [item, index])
  return value === undefined ? [] : [[value as Message, undefined]]
}

const known = new Map<DescMessage, readonly DescField[]>()

/** The fields that may contain a time, at any depth. */
function timeFieldsOf(schema: DescMessage): readonly DescField[] {
  let fields = known.get(schema)
  if (fields === undefined) {
    // Stops the recursion of a message that contains itself.
    known.set(schema, [])
    fields = schema.fields.filter(({ message }) => message !== undefined && mayHoldTime(message))
    known.set(schema, fields)
  }
  return fields
}

function mayHoldTime(message: DescMessage): boolean {
  const isTime = timeTypes.includes(message.typeName)
  return isTime || timeFieldsOf(message).length > 0
}

const timeTypes: readonly string[] = [TimestampSchema.typeName, DurationSchema.typeName]

function messageOf(field: DescField): DescMessage {
  if (field.message === undefined) throw new TypeError(`${field.toString()} holds no message`)
  return field.message
}
