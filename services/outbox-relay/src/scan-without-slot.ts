import { shardName } from '@boxoffice/common/postgres/outbox-shards.ts'
import { pause } from '@boxoffice/pacing'
import type { Database } from './database.ts'
import { dropOtherLayouts, enterLayout, type Layout, type OutboxShard } from './layout.ts'
import type { RelayMetrics } from './metrics.ts'
import { unlessForbidden } from './slot.ts'

export interface ScanWithoutSlotParts {
  readonly database: Database
  readonly metrics: RelayMetrics
  readonly layout: Layout
  readonly shard: OutboxShard
  /**
   * Publishes the shard's rows in the table, in id order, and deletes them; stops at its next batch once `held` is
   * aborted.
   */
  readonly publishTable: (held: AbortSignal) => Promise<void>
  readonly intervalMs: number
  /**
   * The time after which the slot is tried again, in milliseconds; a table that is being published is finished first.
   */
  readonly roundMs: number
  /** The time after which a relay that hangs loses its place to another, in milliseconds. */
  readonly silenceMs?: number
}

/**
 * Publishes by reading the table for a few seconds, after which the slot should be tried again. Without a slot, an
 * advisory lock decides which relay is active; the others wait here.
 *
 * @returns whether it was this relay that read the table
 * @throws OtherLayoutError if a relay of another layout publishes; or the error of a broken connection that held the
 *   lock
 */
export async function scanWithoutSlot(parts: ScanWithoutSlotParts, signal: AbortSignal): Promise<boolean> {
  const { database, layout, shard, metrics, publishTable, intervalMs, roundMs, silenceMs = 15_000 } = parts
  const until = performance.now() + roundMs
  const client = await database.connect()
  // The lock belongs to the session, which lives as long as this process, however long a table takes.
  const lost = new AbortController()
  const lose = (error: unknown): void => lost.abort(error)
  const held = AbortSignal.any([signal, lost.signal])
  client.once('error', lose)
  const lifeSign = setInterval(() => void client.query('SELECT 1').catch(lose), silenceMs / 3)
  try {
    await client.query(`SET idle_session_timeout = ${silenceMs}`)
    const { rows } = await client.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked',
      [shardName(`outbox relay of ${database.tables.outbox}`, shard)],
    )
    const isOurs = rows[0]?.locked ?? false
    if (isOurs) {
      await enterLayout(client, database, layout)
      // A slot that cannot be dropped now is dropped before a slot is read.
      await unlessForbidden(dropOtherLayouts(database, layout))
    }
    metrics.active.set(isOurs ? 1 : 0)
    if (isOurs) metrics.shard.set(shard.number)
    while (performance.now() < until) {
      if (isOurs) await publishTable(held)
      await pause(intervalMs, held)
      held.throwIfAborted()
    }
    return isOurs
  } finally {
    clearInterval(lifeSign)
    metrics.active.set(0)
    metrics.shard.remove()
    // Closing the session frees the lock.
    client.release(true)
  }
}
