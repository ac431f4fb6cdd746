import { type DescField, type DescMessage, getOption, type Message } from '@bufbuild/protobuf'
import { field as rulesOf } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js'

const known = new Map<DescMessage, readonly DescField[]>()

/**
 * Writes the UUIDs of a request in lower case, as PostgreSQL does. After this the same id is the same text however a
 * caller writes it, and the same request has the same fingerprint. It finds the request's own fields by their rule
 * `string.uuid`.
 */
export function lowerCaseIds(schema: DescMessage, request: Message): void {
  const fields = request as unknown as Record<string, unknown>
  for (const { localName, oneof } of uuidFields(schema)) {
    if (oneof === undefined) fields[localName] = String(fields[localName]).toLowerCase()
    else {
      const chosen = fields[oneof.localName] as { case?: string; value?: unknown }
      if (chosen.case === localName) chosen.value = String(chosen.value).toLowerCase()
    }
  }
}

/** The ids in a request, by their fields. */
export function idsOf(schema: DescMessage, request: Message): Readonly<Record<string, string>> {
  const fields = request as unknown as Record<string, unknown>
  const ids: Record<string, string> = {}
  for (const { name, localName, oneof } of uuidFields(schema)) {
    const chosen =
      oneof === undefined ? undefined : (fields[oneof.localName] as { case?: string; value?: unknown })
    if (chosen === undefined) ids[name] = String(fields[localName])
    else if (chosen.case === localName) ids[name] = String(chosen.value)
  }
  return ids
}

function uuidFields(schema: DescMessage): readonly DescField[] {
  let fields = known.get(schema)
  if (fields === undefined) {
    fields = schema.fields.filter((field) => field.fieldKind === 'scalar' && isUuid(field))
    known.set(schema, fields)
  }
  return fields
}

function isUuid(field: DescField): boolean {
  const { type } = getOption(field, rulesOf)
  return type.case === 'string' && type.value.wellKnown.case === 'uuid'
}
