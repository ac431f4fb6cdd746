import type { OutgoingRecord } from '@boxoffice/kafka'

/** A row of the outbox as a Kafka record: key, payload and headers as they are, nothing added. */
export interface OutboxRow extends OutgoingRecord {
  /** The row's id, an int8 as text. */
  readonly id: string
  /** What it takes in memory and on the wire, roughly. */
  readonly bytes: number
  /** When its transaction was committed, in milliseconds since 1970; unknown of rows that the table showed. */
  readonly committedAtMs?: number | undefined
  /** Why no record can be made of it: it names no topic, or its headers are none of what the README says. */
  readonly defect?: RowDefect
}

export type RowDefect = 'NO_TOPIC' | 'MALFORMED_HEADERS'

/**
 * The columns that a record is made of, as `pg` and the pgoutput parser give them. A table that another has made may hold NULL in
 * each: that is a defect of its row, never an error, which would end the session again and again.
 */
export interface OutboxColumns {
  readonly id: string
  readonly topic: string | null
  readonly key: Buffer | null
  readonly payload: Buffer | null
  /** JSON of any service: an object of strings, of lists of strings, and of `{ base64 }` for bytes, if it is right. */
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
  // By assignment, __proto__ would be no header.
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
    if (Array.isArray(header)) for (const one of header) bytes += one.length
    else bytes += header?.length ?? 0
  }
  return bytes
}
