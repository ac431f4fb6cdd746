import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Overview } from '../contract/answers.ts'

/** The payments that are in progress right now: read once a second, from small indexes. */
export type Pulse = Pick<Overview, 'time' | 'inFlight' | 'latency'> & {
  readonly stuck: number
  readonly perSecond: number
  readonly series: readonly number[]
  /** Some of the payments that are stuck. */
  readonly stuckIds: readonly string[]
}

const seriesSeconds = 60
/** The number of last whole seconds over which the rate is averaged. */
const rateSeconds = 10

/** @param stuckBefore - open payments that were made before this time are stuck */
export async function readPulse(em: EntityManager, stuckBefore: Date | undefined): Promise<Pulse> {
  const [row] = await query<PulseRow>(em, selectPulse, [stuckBefore?.toISOString() ?? '-infinity'])
  if (row === undefined) throw new Error('a query without FROM has one row')
  const counts = new Map(row.accepted.map(({ ago, count }) => [ago, count]))
  const series = Array.from({ length: seriesSeconds }, (_, index) => counts.get(seriesSeconds - index) ?? 0)
  const { pending, processing, refunding, stuck, stuck_ids, latency_count, p50, p95, p99 } = row
  return {
    time: row.time,
    series,
    perSecond: series.slice(-rateSeconds).reduce((sum, count) => sum + count, 0) / rateSeconds,
    inFlight: { pending, processing, refunding },
    stuck,
    stuckIds: stuck_ids ?? [],
    latency: latency_count === 0 ? null : { count: latency_count, p50, p95, p99 },
  }
}

interface PulseRow {
  readonly time: string
  readonly accepted: readonly { ago: number; count: number }[]
  readonly pending: number
  readonly processing: number
  readonly refunding: number
  readonly stuck: number
  readonly stuck_ids: readonly string[] | null
  readonly latency_count: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

const selectPulse = `
  WITH at AS (SELECT clock_timestamp() AS now),
  accepted AS (
    SELECT floor(extract(epoch FROM date_trunc('second', at.now) - date_trunc('second', created_at)))::int AS ago,
      count(*)::int AS count
    FROM payment, at
    WHERE status IS NOT NULL AND created_at >= date_trunc('second', at.now) - interval '60 seconds'
    GROUP BY 1),
  open AS (
    SELECT count(*) FILTER (WHERE status = 'PENDING')::int AS pending,
      count(*) FILTER (WHERE status = 'PROCESSING')::int AS processing,
      count(*) FILTER (WHERE status = 'FAILED')::int AS refunding,
      count(*) FILTER (WHERE created_at < $1::timestamptz)::int AS stuck,
      (array_agg(payment_id::text ORDER BY created_at) FILTER (WHERE created_at < $1::timestamptz))[:5] AS stuck_ids
    FROM payment WHERE NOT final AND status IS NOT NULL),
  done AS (
    SELECT extract(epoch FROM updated_at - created_at)::float8 * 1000 AS ms
    FROM payment, at WHERE final AND updated_at >= at.now - interval '60 seconds')
  SELECT to_char(at.now AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('ago', ago, 'count', count)), '[]') FROM accepted) AS accepted,
    open.*,
    latency.*
  FROM at, open, (
    SELECT count(*)::int AS latency_count,
      coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms), 0) AS p50,
      coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY ms), 0) AS p95,
      coalesce(percentile_cont(0.99) WITHIN GROUP (ORDER BY ms), 0) AS p99
    FROM done) AS latency`
