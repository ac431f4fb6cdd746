import pg from 'pg'

/** Reads a value from `start` to `end` of a message: in its type's binary form, or as text. */
export type ColumnReader = (message: Buffer, start: number, end: number, isText: boolean) => unknown

/** Returns the reader of a column's values, by the oid of its type; undefined for a column that no record needs. */
export function readerOf(column: string, typeOid: number): ColumnReader | undefined {
  const { text, binary } = forms[column] ?? {}
  if (text === undefined || binary === undefined) return undefined
  const readBinary = binary[typeOid]
  return (message, start, end, isText) => {
    if (isText) return text(message, start, end)
    if (readBinary !== undefined) return readBinary(message, start, end)
    throw new Error(`the log has ${column} of the outbox in a binary form that is not known: type ${typeOid}`)
  }
}

type Read = (message: Buffer, start: number, end: number) => unknown

const oids = { bytea: 17, int8: 20, text: 25, json: 114, varchar: 1043, jsonb: 3802 } as const

const readText = (message: Buffer, start: number, end: number): string => message.toString('utf8', start, end)
const readJson: Read = (message, start, end) => JSON.parse(readText(message, start, end))

/** The bytes are copied: the message is a view of a buffer that the connection uses again. */
const readBytes: Read = (message, start, end) => Buffer.from(message.subarray(start, end))

const readInteger: Read = (message, start) => message.readBigInt64BE(start).toString()

/** Binary jsonb is the number of its form, then JSON as text. */
const readJsonb: Read = (message, start, end) => {
  if (message[start] !== jsonbForm)
    throw new Error(`the log has jsonb in form ${message[start]}, not ${jsonbForm}`)
  return readJson(message, start + 1, end)
}
const jsonbForm = 1

/** The text is `\x…`, or has escapes if `bytea_output` says so. */
const parseBytes = pg.types.getTypeParser(oids.bytea)
const readBytesText: Read = (message, start, end) => parseBytes(readText(message, start, end))

const bytes = { text: readBytesText, binary: { [oids.bytea]: readBytes } }
const forms: Readonly<
  Record<string, { readonly text: Read; readonly binary: Readonly<Record<number, Read>> }>
> = {
  id: { text: readText, binary: { [oids.int8]: readInteger } },
  topic: { text: readText, binary: { [oids.text]: readText, [oids.varchar]: readText } },
  key: bytes,
  payload: bytes,
  headers: { text: readJson, binary: { [oids.jsonb]: readJsonb, [oids.json]: readJson } },
}
