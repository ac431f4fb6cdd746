import type { Database } from '../postgres/database.ts'
import { query } from '../postgres/query.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** Shows what is put aside now, as the database has it whenever somebody scrapes: every replica shows the same. */
export function observeDeadLetters(
  metrics: Metrics,
  { consumer, database }: { readonly consumer: string; readonly database: Pick<Database, 'em'> },
): void {
  const read = async <Row>(sql: string): Promise<Row[] | undefined> => {
    // While the database is away the last values stand; that it is away is told by others.
    return await query<Row>(database.em(), sql, [consumer]).catch(() => undefined)
  }
  metrics.gauge({
    name: 'boxoffice_dead_letters',
    help: 'Messages that are put aside, by reason',
    labelNames: ['consumer', 'reason'],
    async collect() {
      const rows = await read<{ reason: string; count: number }>(countByReason)
      if (rows === undefined) return
      this.reset()
      for (const { reason, count } of rows) this.set({ consumer, reason }, count)
    },
  })
  metrics.gauge({
    name: 'boxoffice_dead_letter_oldest_seconds',
    help: 'For how long the oldest message has been put aside; 0 without one',
    labelNames: ['consumer'],
    async collect() {
      const [row] = (await read<{ seconds: number }>(oldestAge)) ?? []
      if (row !== undefined) this.set({ consumer }, row.seconds)
    },
  })
  metrics.gauge({
    name: 'boxoffice_parked_keys',
    help: 'Keys whose messages wait behind a dead letter',
    labelNames: ['consumer'],
    async collect() {
      const [row] = (await read<{ count: number }>(countParkedKeys)) ?? []
      if (row !== undefined) this.set({ consumer }, row.count)
    },
  })
}

const countByReason = `
  SELECT reason, count(*)::int AS count FROM dead_letter WHERE consumer = $1 AND state = 'PUT_ASIDE' GROUP BY reason`

const oldestAge = `
  SELECT coalesce(extract(epoch FROM clock_timestamp() - min(put_aside_at)), 0)::float8 AS seconds
  FROM dead_letter WHERE consumer = $1 AND state = 'PUT_ASIDE'`

const countParkedKeys = `SELECT count(*)::int AS count FROM parked_key WHERE consumer = $1`
