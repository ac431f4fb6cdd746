import { waitAtMost } from '@boxoffice/pacing'
import type { SqlDatabase } from '../sql/sql.ts'
import { type Metrics, metricName } from '../telemetry/metrics.ts'

/** How long an answer of the database is shown, however often the metrics are scraped. */
const standsMs = 2_000
/** A scrape has other metrics to return, also while the database hangs. */
const answerMsMax = 1_000

/**
 * Shows what is put aside now. The database is asked when the metrics are scraped, so every replica shows the same.
 */
export function observeDeadLetters(
  metrics: Metrics,
  {
    consumer,
    database,
    maxAgeMs = standsMs,
    waitMsMax = answerMsMax,
  }: {
    readonly consumer: string
    readonly database: SqlDatabase
    readonly maxAgeMs?: number
    readonly waitMsMax?: number
  },
): void {
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined
  // While the database is away the last values stay; other metrics show that it is away.
  let known: readonly PutAsideRow[] | undefined

  async function ask(): Promise<void> {
    try {
      known = await database.transaction((sql) => sql.query<PutAsideRow>(selectPutAside, [consumer]))
    } catch {
      // The last values stay, see above.
    } finally {
      asking = undefined
    }
  }

  async function read(): Promise<readonly PutAsideRow[] | undefined> {
    if (asking === undefined && performance.now() - askedAt >= maxAgeMs) {
      askedAt = performance.now()
      asking = ask()
    }
    if (asking !== undefined) await waitAtMost(waitMsMax, asking)
    return known
  }

  const byReason = metrics.gauge({
    name: metricName(metrics, 'dead_letters'),
    help: 'Messages that are put aside, by reason',
    labelNames: ['consumer', 'reason'],
    async collect() {
      const rows = await read()
      if (rows === undefined) return
      byReason.reset()
      for (const { reason, count } of rows) if (reason !== null) byReason.set({ consumer, reason }, count)
    },
  })
  const oldest = metrics.gauge({
    name: metricName(metrics, 'dead_letter_oldest_seconds'),
    help: 'For how long the oldest message has been put aside; 0 without one',
    labelNames: ['consumer'],
    async collect() {
      const rows = await read()
      if (rows !== undefined) oldest.set({ consumer }, Math.max(0, ...rows.map(({ seconds }) => seconds)))
    },
  })
  const parked = metrics.gauge({
    name: metricName(metrics, 'parked_keys'),
    help: 'Keys whose messages wait behind a dead letter',
    labelNames: ['consumer'],
    async collect() {
      const rows = await read()
      const keys = rows?.find(({ reason }) => reason === null)
      if (keys !== undefined) parked.set({ consumer }, keys.count)
    },
  })
}

interface PutAsideRow {
  /** Null in the row that counts parked keys. */
  readonly reason: string | null
  readonly count: number
  readonly seconds: number
}

const selectPutAside = `
  SELECT reason, count(*)::int AS count, extract(epoch FROM clock_timestamp() - min(put_aside_at))::float8 AS seconds
  FROM dead_letter WHERE consumer = $1 AND state = 'PUT_ASIDE' GROUP BY reason
  UNION ALL
  SELECT NULL, count(*)::int, 0 FROM parked_key WHERE consumer = $1`
