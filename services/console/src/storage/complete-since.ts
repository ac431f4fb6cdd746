import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { beginColumns, type Ranges } from './ranges.ts'

/** The time since which the trail has everything that was published; null means from the beginning. */
export type CompleteSince = Date | null

/** The clocks of services and relays differ by less. */
const clocksMarginMs = 60_000

/**
 * Retention cuts each partition at another time. So a trail that was begun or rebuilt later has all records of a
 * payment only if the payment was made after the latest cut. If a topic was created again, unread records of the
 * former topic are lost: the trail is complete since an operator accepted the new one. The result is never in the
 * future.
 *
 * @param ranges - of the source topics
 */
export async function readCompleteSince(em: EntityManager, ranges: Ranges): Promise<CompleteSince> {
  const [row] = await query<{ since: string | null }>(em, selectSince, [
    ...beginColumns(ranges),
    clocksMarginMs,
  ])
  return row?.since == null ? null : new Date(Number(row.since) * 1_000)
}

/**
 * Without any record of a cut partition, the trail's begin counts: what the partition lost was published before that.
 */
const selectSince = `
  WITH trail AS (
    SELECT coalesce((SELECT recorded_at FROM message ORDER BY position LIMIT 1), clock_timestamp()) AS begun_at
  ), cut AS (
  SELECT max(coalesce(first.published_at, trail.begun_at)) AS at
  FROM trail, unnest($1::text[], $2::int[], $3::bigint[]) AS place (topic, partition, begins_at)
  LEFT JOIN LATERAL (
    SELECT "offset", published_at FROM message
    WHERE message.topic = place.topic AND message.partition = place.partition
    ORDER BY "offset" LIMIT 1) AS first ON true
  WHERE coalesce(first."offset", place.begins_at) > 0
  UNION ALL
  SELECT max(accepted_at) FROM consumer_position JOIN (SELECT DISTINCT unnest($1::text[]) AS topic) AS source USING (topic))
  SELECT extract(epoch FROM CASE WHEN max(at) IS NOT NULL THEN least(max(at) + $4 * interval '1 ms', clock_timestamp()) END)::text
    AS since
  FROM cut`
