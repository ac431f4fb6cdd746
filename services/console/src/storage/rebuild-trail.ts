import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Rebuild } from '../contract/answers.ts'
import { beginColumns, idColumn, type Ranges } from './ranges.ts'

export interface RebuildRequest {
  readonly consumer: string
  /** The subject of the caller, which is kept for good. */
  readonly subject: string
  readonly ranges: Ranges
  /** The rebuild is not done if it would lose more records than this. */
  readonly lostMax: number
}

/**
 * The numbers of records and of lost ones. `done` is false, and nothing has changed, if more than `lostMax` would be
 * lost.
 */
export interface RebuildOutcome {
  readonly records: number
  readonly lost: number
  readonly done: boolean
}

/**
 * Deletes the trail and lets the consumer read every topic again, in one transaction. The position fences a consumer
 * that is in the middle of a batch. The positions of the trail continue to count, so open streams continue.
 *
 * Each partition is read from its present first offset, in the topic that has the name now. Records that retention has
 * removed cannot be read again: see {@link countBeyondTopics}.
 */
export async function rebuildTrail(em: EntityManager, request: RebuildRequest): Promise<RebuildOutcome> {
  const { consumer, subject, ranges, lostMax } = request
  const [row] = await query<RebuildOutcome>(em, rebuild, [
    consumer,
    subject,
    ...beginColumns(ranges),
    idColumn(ranges),
    lostMax,
  ])
  if (row === undefined) throw new Error('rebuild_trail returned nothing')
  return row
}

/** Counts the records of the trail that the topics no longer hold. @param ranges - of all topics */
export async function countBeyondTopics(em: EntityManager, ranges: Ranges): Promise<number> {
  const [row] = await query<{ count: number }>(em, selectBeyond, [...beginColumns(ranges), idColumn(ranges)])
  return row?.count ?? 0
}

/** Returns the latest rebuilds, newest first. */
export async function readRebuilds(em: EntityManager): Promise<Rebuild[]> {
  return await query<Rebuild>(em, selectRebuilds, [rebuildsMax])
}

const rebuildsMax = 10

const rebuild = `
  SELECT records::float8 AS records, lost::float8 AS lost, done
  FROM rebuild_trail($1, $2, $3::text[], $4::int[], $5::bigint[], $6::uuid[], $7)`

const selectBeyond = `
  SELECT count(*)::int AS count
  FROM message
  LEFT JOIN unnest($1::text[], $2::int[], $3::bigint[], $4::uuid[]) AS place (topic, partition, begins_at, current_id)
    ON message.topic = place.topic AND message.partition = place.partition
  WHERE place.partition IS NULL OR message."offset" < place.begins_at OR message.topic_id <> place.current_id`

const selectRebuilds = `
  SELECT subject, to_char(requested_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "requestTime",
    records::float8 AS records, lost::float8 AS lost
  FROM rebuild ORDER BY rebuild_id DESC LIMIT $1`
