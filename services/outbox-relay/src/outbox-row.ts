import type { OutgoingRecord } from '@boxoffice/kafka'

/** A row of the outbox as a Kafka record: key, payload and headers as they are, nothing added. */
export interface OutboxRow extends OutgoingRecord {
  /** The row's id, an int8 as text. */
  readonly id: string
  /** What it takes in memory and on the wire, roughly. */
  readonly bytes: number
  /** When its transaction was committed, in milliseconds since 1970; unknown of rows that the table showed. */
  readonly committedAtMs?: number | undefined
}

/** The columns that a record is made of, as `pg` and the pgoutput parser give them. */
export interface OutboxColumns {
  readonly id: string
  readonly topic: string
  readonly key: Buffer | null
  readonly payload: Buffer | null
  readonly headers: Readonly<Record<string, HeaderColumn | readonly HeaderColumn[]>>
}

type HeaderColumn = string | { readonly base64: string }

export function toOutboxRow(columns: OutboxColumns): OutboxRow {
  const { id, topic, key, payload } = columns
  let bytes = recordOverheadBytes + topic.length + (key?.length ?? 0) + (payload?.length ?? 0)
  const headers: OutboxRow['headers'] = {}
  for (const [name, value] of Object.entries(columns.headers)) {
    const header = Array.isArray(value) ? value.map(toHeader) : toHeader(value as HeaderColumn)
    headers[name] = header
    bytes +=
      name.length + (Array.isArray(header) ? header.reduce((sum, one) => sum + one.length, 0) : header.length)
  }
  return { id, topic, key, value: payload, headers, bytes }
}

const recordOverheadBytes = 128

function toHeader(value: HeaderColumn): string | Buffer {
  return typeof value === 'string' ? value : Buffer.from(value.base64, 'base64')
}
