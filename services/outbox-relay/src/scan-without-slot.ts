import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from './database.ts'
import type { RelayMetrics } from './metrics.ts'

export interface ScanWithoutSlotParts {
  readonly database: Database
  readonly metrics: RelayMetrics
  /** Publishes what the table holds, in id order, and deletes it. */
  readonly publishTable: () => Promise<void>
  readonly intervalMs: number
}

/**
 * Publishes by reading the table for a few seconds, after which the slot should be tried again. Since there is no slot
 * to decide which relay is active, an advisory lock does; the others wait here.
 */
export async function scanWithoutSlot(parts: ScanWithoutSlotParts, signal: AbortSignal): Promise<void> {
  const until = performance.now() + roundMs
  const client = await parts.database.connect()
  try {
    // A relay that hangs must not keep the lock.
    await client.query(`SET idle_session_timeout = '15s'`)
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
      lockId,
    ])
    parts.metrics.active.set(rows[0]?.locked ? 1 : 0)
    while (performance.now() < until) {
      if (rows[0]?.locked) await parts.publishTable()
      await sleep(parts.intervalMs, undefined, { signal })
    }
  } finally {
    parts.metrics.active.set(0)
    // Closing the session frees the lock.
    client.release(true)
  }
}

/** Any number that nobody else uses: the letters "outbox". */
const lockId = 0x6f7574626f78
const roundMs = 5_000
