import type { DescField, DescMessage } from '@bufbuild/protobuf'
import { BinaryWriter } from '@bufbuild/protobuf/wire'

/** Bytes that cost their sender little and a careless reader much, by their description. */
export function hostileBytes(schema: DescMessage, size: number): ReadonlyMap<string, Uint8Array> {
  const attacks = new Map<string, Uint8Array>()
  for (const [path, fields] of fieldPaths(schema)) {
    attacks.set(`empty ${path}`, wrapped(fields, size, new Uint8Array()))
    attacks.set(`broken UTF-8 in ${path}`, wrapped(fields, size, new Uint8Array([0xed, 0xa0, 0x80, 0xff])))
  }
  attacks.set(`groups in groups`, new Uint8Array(size).fill(0x0b))
  attacks.set(`ends of groups`, new Uint8Array(size).fill(0x0c))
  attacks.set(`a number without an end`, new Uint8Array(size).fill(0xff))
  attacks.set(`zeros`, new Uint8Array(size))
  attacks.set(`small unknown fields`, repeated([0xf8, 0x7f, 0x01], size))
  attacks.set(
    `one unknown field`,
    new BinaryWriter()
      .raw(new Uint8Array([0xfa, 0x7f]))
      .bytes(new Uint8Array(Math.max(0, size - 8)))
      .finish(),
  )
  attacks.set(`numbers where texts belong`, repeated([0x08, 0x01], size))
  attacks.set('a field that is cut off', new Uint8Array([0x0a, 0x7f, 0x61]))
  attacks.set('a field longer than anything', new Uint8Array([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]))
  return attacks
}

/** Each field that has a length on the wire, with the fields around it. */
function fieldPaths(schema: DescMessage): [string, DescField[]][] {
  return schema.fields.flatMap((field): [string, DescField[]][] => {
    const isDelimited = field.message !== undefined || field.fieldKind === 'list' || field.fieldKind === 'map'
    const inner = field.message === undefined ? [] : fieldPaths(field.message)
    const own: [string, DescField[]][] =
      isDelimited || field.fieldKind === 'scalar' ? [[field.name, [field]]] : []
    return [
      ...own,
      ...inner.map(([path, fields]): [string, DescField[]] => [`${field.name}.${path}`, [field, ...fields]]),
    ]
  })
}

/** `value` in the innermost field, repeated until there are `size` bytes. */
function wrapped(fields: readonly DescField[], size: number, value: Uint8Array): Uint8Array {
  const [first, ...rest] = fields as [DescField, ...DescField[]]
  if (rest.length > 0) return delimited(first, wrapped(rest, Math.max(0, size - 8), value))
  return repeated([...delimited(first, value)], size)
}

function delimited(field: DescField, value: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(field.number, 2).bytes(value).finish()
}

function repeated(pattern: readonly number[], size: number): Uint8Array {
  const times = Math.floor(size / pattern.length)
  return new Uint8Array(Buffer.alloc(times * pattern.length, Buffer.from(pattern)))
}
