import { setTimeout as sleep } from 'node:timers/promises'
import type { OutboxTables } from '@boxoffice/messaging/sql'
import type { Database } from './database.ts'
import type { OutboxRow } from './outbox-row.ts'

export interface RowToPark {
  readonly row: OutboxRow
  /** The reason for which it is parked. */
  readonly error: string
}

/**
 * The rows that Kafka refuses for good, in a table of their own, and behind each the later rows of its topic and key,
 * so that their order survives. A key is free again once none of its rows is parked: an operator repairs them and
 * moves them back to the outbox, in id order, or deletes them.
 */
export class ParkedRows {
  readonly #database: Database
  #keys = new Set<string>()

  constructor(database: Database) {
    this.#database = database
  }

  /** Reads which keys are parked. */
  async load(): Promise<void> {
    const { rows } = await this.#database.query<{ topic: string; key: Buffer }>(
      `SELECT DISTINCT topic, key FROM ${this.#database.tables.parkedOutbox} WHERE key IS NOT NULL`,
    )
    this.#keys = new Set(rows.map(keyName))
  }

  /** Separates rows that may be sent from those that wait behind a parked one. */
  async split(rows: readonly OutboxRow[]): Promise<{ free: readonly OutboxRow[]; waiting: RowToPark[] }> {
    if (this.#keys.size === 0 || !rows.some((row) => this.#holds(row))) return { free: rows, waiting: [] }
    // The key may have been freed since it was read.
    await this.load()
    return {
      free: rows.filter((row) => !this.#holds(row)),
      waiting: rows.filter((row) => this.#holds(row)).map((row) => ({ row, error: 'KEY_PARKED' })),
    }
  }

  /** Moves rows into the table of parked ones, each in the transaction of its deletion, and holds back their keys. */
  async park(entries: readonly RowToPark[]): Promise<void> {
    let left = new Map(entries.map(({ row, error }) => [row.id, error]))
    for (let attempt = 0; left.size > 0 && attempt < attemptsMax; attempt++) {
      // The row's transaction may not be visible yet.
      if (attempt > 0) await sleep(retryMs)
      const { rows } = await this.#database.query<{ id: string }>(moveRows(this.#database.tables), [
        [...left.keys()],
        [...left.values()],
      ])
      const parked = new Set(rows.map((row) => row.id))
      left = new Map([...left].filter(([id]) => !parked.has(id)))
    }
    for (const { row } of entries) if (row.key !== null) this.#keys.add(keyName(row))
  }

  #holds(row: OutboxRow): boolean {
    return row.key !== null && this.#keys.has(keyName(row))
  }
}

/** Returns the ids that are parked now, including those that were parked before. */
const moveRows = ({ outbox, parkedOutbox }: OutboxTables): string => `
  WITH entry AS (
    SELECT id, error FROM unnest($1::bigint[], $2::text[]) AS entry (id, error)
  ), moved AS (
    DELETE FROM ${outbox} AS outbox USING entry WHERE outbox.id = entry.id RETURNING outbox.*, entry.error
  ), parked AS (
    INSERT INTO ${parkedOutbox} (id, message_id, topic, key, type, payload, headers, created_at, error)
    SELECT id, ${storable} FROM moved
    ON CONFLICT (id) DO NOTHING
    RETURNING id
  )
  SELECT id FROM parked UNION SELECT id FROM ${parkedOutbox} WHERE id = ANY ($1::bigint[])`

/**
 * Replaces NULL where the outbox allows it and the table of parked rows does not. The stand-ins are just as invalid.
 */
const storable = `coalesce(message_id, '00000000-0000-0000-0000-000000000000'), coalesce(topic, ''), key, coalesce(type, ''), payload,
           coalesce(headers, 'null'), coalesce(created_at, now()), error`

const attemptsMax = 20
const retryMs = 50

/** A text that identifies a topic and a key. */
export function keyName(row: { readonly topic: string; readonly key: Buffer | null }): string {
  return `${row.topic} ${row.key?.toString('hex')}`
}
