import type { Database } from './database.ts'
import type { RelayMetrics } from './metrics.ts'
import { relaySlotOfThisDatabase } from './place-part.ts'

/**
 * Measures what waits in the outbox, and the log that the slots of all shards and of former names hold back: a shard
 * without a relay is measured by the other relays. A row without an id is never published, so it does not count as
 * waiting. It is one cheap query.
 */
export async function observe(
  database: Database,
  slotNames: readonly string[],
  metrics: RelayMetrics,
): Promise<void> {
  const { outbox, parkedOutbox, outboxSlot } = database.tables
  const { rows } = await database.query<ObservedRow>(
    `WITH own AS (
       SELECT * FROM pg_replication_slots
       WHERE slot_name = ANY ($1) OR slot_name IN (SELECT slot_name FROM ${outboxSlot})
     )
     SELECT
       coalesce((SELECT extract(epoch FROM clock_timestamp() - created_at)::float8
                 FROM ${outbox} WHERE id IS NOT NULL AND isfinite(created_at) ORDER BY id LIMIT 1), 0) AS age,
       (SELECT count(*) FROM ${parkedOutbox}) AS parked,
       coalesce((SELECT max(pg_current_wal_lsn() - restart_lsn) FROM own), 0) AS retained,
       coalesce((SELECT max(pg_current_wal_lsn() - confirmed_flush_lsn) FROM own WHERE slot_name = ANY ($1)), 0) AS lag,
       current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots)::int AS free,
       (SELECT count(*) FROM pg_replication_slots
        WHERE database = current_database() AND NOT temporary AND slot_name NOT IN (SELECT slot_name FROM own)
          AND NOT (active AND ${relaySlotOfThisDatabase}))::int AS foreign_slots`,
    [slotNames],
  )
  const [row] = rows
  if (row === undefined) return
  metrics.oldestAgeSeconds.set(Math.max(0, row.age))
  metrics.parkedRows.set(Number(row.parked))
  metrics.retainedWalBytes.set(Number(row.retained))
  metrics.confirmedLagBytes.set(Number(row.lag))
  metrics.freeSlots.set(row.free)
  metrics.foreignSlots.set(row.foreign_slots)
}

/** Removes the values while this relay does not measure: 0 would mean that nothing waits. */
export function forget(metrics: RelayMetrics): void {
  for (const name of observedGauges) metrics[name].remove()
}

const observedGauges = [
  'oldestAgeSeconds',
  'parkedRows',
  'retainedWalBytes',
  'confirmedLagBytes',
  'freeSlots',
  'foreignSlots',
] as const

interface ObservedRow {
  readonly age: number
  readonly parked: string
  readonly retained: string
  readonly lag: string
  readonly free: number
  readonly foreign_slots: number
}
