import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from './database.ts'
import type { OutboxDeleter } from './delete-published.ts'
import { type Lsn, parseLsn } from './lsn.ts'
import type { RelayMetrics } from './metrics.ts'
import type { Publisher } from './publish.ts'
import { readRows } from './scan.ts'

export interface SweepParts {
  readonly database: Database
  /** SQL that is true for the rows of the relay's shard. */
  readonly filter: string | undefined
  readonly publisher: Publisher
  readonly deleter: OutboxDeleter
  readonly metrics: RelayMetrics
  /** Tries the rows that wait for their topic again. */
  readonly retryWhile: (isDue: () => boolean) => Promise<void>
  readonly stream: { readonly confirmed: Lsn }
  readonly intervalMs: number
}

/**
 * Searches, slowly, for rows that the stream has passed without bringing them, and publishes them.
 *
 * The position is read after the list, so every row of the list was committed before it. Once the stream has confirmed
 * that position, a listed row that is still there was missed, or a relay published it and died before it deleted it.
 */
export async function sweepForEver(parts: SweepParts, signal: AbortSignal): Promise<never> {
  for (;;) {
    await sweepOnce(parts, signal)
    await sleep(parts.intervalMs, undefined, { signal })
  }
}

async function sweepOnce(parts: SweepParts, signal: AbortSignal): Promise<void> {
  const { database, filter, publisher, deleter, metrics } = parts
  const listed = await database.query<{ id: string }>(
    `SELECT id FROM ${database.tables.outbox} WHERE id IS NOT NULL AND ${filter ?? true} ORDER BY id LIMIT $1`,
    [rowsMax],
  )
  if (listed.rows.length === 0) return
  const { rows } = await database.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn() AS lsn')
  const position = parseLsn(rows[0]?.lsn ?? '0/0')
  while (parts.stream.confirmed < position) await sleep(pollMs, undefined, { signal })
  const ids = listed.rows.map((row) => row.id).filter((id) => !deleter.has(id))
  for (let first = 0; first < ids.length; first += pageRows) {
    const missed = await readRows(database, ids.slice(first, first + pageRows))
    if (missed.length === 0) continue
    const published = await publisher.publish(missed, signal)
    metrics.sweptRows.inc(published.length)
    await deleter.add(published)
  }
  // If the stream brings no more rows, it does not try the waiting ones again either.
  const until = performance.now() + parts.intervalMs
  await parts.retryWhile(() => publisher.deferred > 0 && performance.now() < until)
}

const rowsMax = 1_000
/** A page has few rows, because they may be large. */
const pageRows = 50
const pollMs = 250
