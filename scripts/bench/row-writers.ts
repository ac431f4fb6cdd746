import { randomUUID } from 'node:crypto'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'

const payloadBytes = 160

/**
 * Connections that insert outbox rows as a service does, one row per transaction. The payload begins with the row's
 * number.
 */
export function openWriters(
  databaseUrl: string,
  topic: string,
  count: number,
): { insert(row: number): Promise<void>; close(): Promise<void> } {
  const pool = new pg.Pool({
    Client: clientOf({ url: databaseUrl }, pg.Client),
    max: count,
    idleTimeoutMillis: 0,
  })
  return {
    async insert(row) {
      const id = randomUUID()
      const payload = Buffer.alloc(payloadBytes)
      payload.writeUInt32BE(row)
      await pool.query({
        name: 'insert-row',
        text: `INSERT INTO outbox (message_id, topic, key, type, payload, headers) VALUES ($1, $2, $3, $4, $5, $6)`,
        values: [id, topic, Buffer.from(id), type, payload, headersOf(id)],
      })
    },
    close: () => pool.end(),
  }
}

/** The number of the row from which a record was made. */
export function rowOf(value: Buffer | null): number | undefined {
  return value?.length === payloadBytes ? value.readUInt32BE() : undefined
}

const type = 'boxoffice.payment.v1.PaymentCompletedEvent'

function headersOf(id: string): string {
  return JSON.stringify({
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: type,
    ce_source: 'boxoffice/bench',
    ce_time: new Date().toISOString(),
    ce_subject: id,
    'content-type': 'application/protobuf',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  })
}
