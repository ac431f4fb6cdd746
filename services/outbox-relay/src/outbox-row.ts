import type { OutgoingRecord } from '@boxoffice/kafka'

/** A row of the outbox as a Kafka record: key, payload and headers are unchanged, and nothing is added. */
export interface OutboxRow extends OutgoingRecord {
  /** The row's id, an int8 as text. */
  readonly id: string
  /** Its size in memory and on the wire, roughly. */
  readonly bytes: number
  /** The time of its commit, in milliseconds since 1970; unknown for rows that were read from the table. */
  readonly committedAtMs?: number | undefined
  /** The reason for which it makes no record: it names no topic, or its headers are not as the README requires. */
  readonly defect?: RowDefect
}

export type RowDefect = 'NO_TOPIC' | 'MALFORMED_HEADERS'

/**
 * The columns that a record is made of, as `pg` and the pgoutput parser return them. In a table that a service made
 * itself each may be NULL: that is a defect of the row, never an error, which would end the session again and again.
 */
export interface OutboxColumns {
  readonly id: string
  readonly topic: string | null
  readonly key: Buffer | null
  readonly payload: Buffer | null
  /** JSON of any service. Valid headers are an object of strings, lists of strings, and `{ base64 }` for bytes. */
  readonly headers: unknown
}

export function toOutboxRow(columns: OutboxColumns): OutboxRow {
  const { id, key, payload } = columns
  const topic = columns.topic ?? ''
  const headers = toHeaders(columns.headers)
  const bytes = recordOverheadBytes + topic.length + (key?.length ?? 0) + (payload?.length ?? 0)
  const row = { id, topic, key, value: payload }
  if (topic === '') return { ...row, headers: {}, bytes, defect: 'NO_TOPIC' }
  if (headers === undefined) return { ...row, headers: {}, bytes, defect: 'MALFORMED_HEADERS' }
  return { ...row, headers, bytes: bytes + sizeOf(headers) }
}

const recordOverheadBytes = 128

function toHeaders(json: unknown): OutboxRow['headers'] | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const headers: [string, string | Buffer | (string | Buffer)[]][] = []
  for (const [name, value] of Object.entries(json)) {
    const header = Array.isArray(value) ? toList(value) : toHeader(value)
    if (header === undefined) return undefined
    headers.push([name, header])
  }
  // An assignment of __proto__ would make no header.
  return Object.fromEntries(headers)
}

function toList(values: readonly unknown[]): (string | Buffer)[] | undefined {
  const headers = values.map(toHeader)
  return headers.every((header) => header !== undefined) ? headers : undefined
}

function toHeader(value: unknown): string | Buffer | undefined {
  if (typeof value === 'string') return value
  const base64 = (value as { readonly base64?: unknown } | null)?.base64
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined
}

function sizeOf(headers: OutboxRow['headers']): number {
  let bytes = 0
  for (const [name, header] of Object.entries(headers)) {
    bytes += name.length
    if (Array.isArray(header)) for (const value of header) bytes += value.length
    else bytes += header?.length ?? 0
  }
  return bytes
}
