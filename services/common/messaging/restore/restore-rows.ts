import { createHash } from 'node:crypto'
import type { OffsetStretch } from '@boxoffice/kafka'
import { areOtherTopics, OtherTopicError } from '@boxoffice/kafka'
import { MessagingError } from '../message/messaging-error.ts'
import { isoTime } from '../sql/iso-time.ts'
import type { Sql } from '../sql/sql.ts'
import type { OutputStretch } from './output-since.ts'

export interface NewRestore {
  readonly restoreId: string
  readonly from: Date
  readonly startedBy: string
}

/** A restore that is not done. */
export interface UnfinishedRestore {
  readonly restoreId: string
  readonly from: Date
  readonly phase: 'READING' | 'APPLYING'
  readonly startedBy: string
}

/**
 * Lets one call at a time begin a restore, until its transaction ends. Not by a lock of the table: a restore that is
 * under way has rows of it locked for seconds.
 */
export async function lockRestores(sql: Sql): Promise<void> {
  await sql.query('SELECT pg_advisory_xact_lock($1)', [lockId])
}

/** A number that no other lock has: the first bytes of the SHA-256 of its name. */
const lockId = createHash('sha256').update('@boxoffice/messaging restore').digest().readInt32BE()

export async function insertRestore(sql: Sql, restore: NewRestore): Promise<void> {
  await sql.query(insertRow, [restore.restoreId, restore.from.toISOString(), restore.startedBy])
}

export async function hasRestore(sql: Sql, restoreId: string): Promise<boolean> {
  return (await sql.query('SELECT FROM restore WHERE restore_id = $1', [restoreId])).length > 0
}

/** The restore that is under way. */
export async function unfinishedRestore(sql: Sql): Promise<UnfinishedRestore | undefined> {
  const [row] = await sql.query<{
    restore_id: string
    from_time: string
    phase: 'READING' | 'APPLYING'
    started_by: string
  }>(selectUnfinished)
  if (row === undefined) return undefined
  const { restore_id: restoreId, phase, started_by: startedBy } = row
  return { restoreId, from: new Date(row.from_time), phase, startedBy }
}

/** Reads how far the service's output has been read, and up to where it is to be read. */
export async function readStretches(sql: Sql, restoreId: string): Promise<OffsetStretch[]> {
  const rows = await sql.query<StretchRow>(selectStretches, [restoreId])
  return rows.map(({ topic, partition, topic_id, next_offset, until_offset }) => ({
    topic,
    partition,
    topicId: topic_id ?? undefined,
    from: BigInt(next_offset),
    to: BigInt(until_offset),
  }))
}

interface StretchRow {
  readonly topic: string
  readonly partition: number
  readonly topic_id: string | null
  readonly next_offset: string
  readonly until_offset: string
}

/**
 * Adds partitions that are to be read, each with its end. Where one is being read already, its end moves. What
 * retention has removed since is counted and passed over: the restore does not wait for it.
 *
 * @throws OtherTopicError if the restore has begun to read another topic of that name
 */
export async function extendStretches(
  sql: Sql,
  restoreId: string,
  stretches: readonly OutputStretch[],
): Promise<void> {
  const idOf = new Map(stretches.map(({ topic, topicId }) => [topic, topicId]))
  const other = (await readStretches(sql, restoreId)).find(({ topic, topicId }) =>
    areOtherTopics(topicId, idOf.get(topic)),
  )
  if (other !== undefined) throw new OtherTopicError(other.topic)
  await sql.query(passOverGone, [
    restoreId,
    stretches.map(({ topic }) => topic),
    stretches.map(({ partition }) => partition),
    stretches.map(({ begin }) => String(begin)),
  ])
  await sql.query(upsertStretches, [
    restoreId,
    stretches.map(({ topic }) => topic),
    stretches.map(({ partition }) => partition),
    stretches.map(({ from }) => String(from)),
    stretches.map(({ to }) => String(to)),
    stretches.map(({ gone }) => String(gone)),
    stretches.map(({ topicId }) => topicId ?? null),
  ])
}

/**
 * Lets a restore go on in topics that were created again while it read them. Records of the former topics that it had
 * not read are counted as gone; those that it had read are kept.
 */
export async function passOverFormerTopics(
  sql: Sql,
  restoreId: string,
  output: readonly OutputStretch[],
): Promise<void> {
  const ids = new Map(output.map(({ topic, topicId }) => [topic, topicId ?? null]))
  await sql.query(moveIntoTopics, [restoreId, [...ids.keys()], [...ids.values()]])
}

/** A restore and how far it has come. */
export interface StoredRestore {
  readonly restoreId: string
  readonly from: Date
  readonly phase: 'READING' | 'APPLYING' | 'DONE'
  readonly records: bigint
  readonly recordsRead: bigint
  readonly recordsUnreadable: bigint
  readonly recordsGone: bigint
  readonly facts: bigint
  readonly factsApplied: bigint
  readonly factsKnown: bigint
  readonly factsContradicted: bigint
  readonly contradictions: readonly string[]
  /** The id of the replay that the restore has ended with. */
  readonly replayId: string | undefined
  readonly startedBy: string
  readonly startedAt: Date
  readonly endedAt: Date | undefined
  readonly error: string
}

/** @throws MessagingError RESTORE_NOT_FOUND */
export async function readRestore(sql: Sql, restoreId: string): Promise<StoredRestore> {
  const [row] = await sql.query<RestoreRow>(selectRestore, [restoreId])
  if (row === undefined)
    throw new MessagingError('RESTORE_NOT_FOUND', `There is no restore ${restoreId} here`)
  return {
    restoreId,
    from: new Date(row.from_time),
    phase: row.phase,
    records: BigInt(row.records),
    recordsRead: BigInt(row.records_read),
    recordsUnreadable: BigInt(row.records_unreadable),
    recordsGone: BigInt(row.records_gone),
    facts: BigInt(row.facts),
    factsApplied: BigInt(row.facts_applied),
    factsKnown: BigInt(row.facts_known),
    factsContradicted: BigInt(row.facts_contradicted),
    contradictions: row.contradictions,
    replayId: row.replay_id ?? undefined,
    startedBy: row.started_by,
    startedAt: new Date(row.started_at),
    endedAt: row.ended_at === null ? undefined : new Date(row.ended_at),
    error: row.error,
  }
}

interface RestoreRow {
  readonly from_time: string
  readonly phase: 'READING' | 'APPLYING' | 'DONE'
  readonly records: string
  readonly records_read: string
  readonly records_unreadable: string
  readonly records_gone: string
  readonly facts: string
  readonly facts_applied: string
  readonly facts_known: string
  readonly facts_contradicted: string
  readonly contradictions: string[]
  readonly replay_id: string | null
  readonly started_by: string
  readonly started_at: string
  readonly ended_at: string | null
  readonly error: string
}

const insertRow = `
  INSERT INTO restore (restore_id, from_time, phase, started_by) VALUES ($1, $2, 'READING', $3)`

const selectUnfinished = `SELECT restore_id, ${isoTime('from_time')} AS from_time, phase, started_by FROM restore WHERE phase <> 'DONE'`

const selectStretches = `
  SELECT topic, partition, topic_id, next_offset::text, until_offset::text FROM restore_partition
  WHERE restore_id = $1 ORDER BY topic, partition`

const passOverGone = `
  UPDATE restore_partition AS reading
  SET gone = reading.gone + stretch.begin_offset - reading.next_offset, next_offset = stretch.begin_offset
  FROM unnest($2::text[], $3::int[], $4::bigint[]) AS stretch (topic, partition, begin_offset)
  WHERE reading.restore_id = $1
    AND reading.topic = stretch.topic
    AND reading.partition = stretch.partition
    AND reading.next_offset < stretch.begin_offset`

const upsertStretches = `
  INSERT INTO restore_partition (restore_id, topic, partition, from_offset, next_offset, until_offset, gone, topic_id)
  SELECT $1, topic, partition, from_offset, from_offset, until_offset, gone, topic_id
  FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::uuid[])
    AS stretch (topic, partition, from_offset, until_offset, gone, topic_id)
  ON CONFLICT (restore_id, topic, partition) DO UPDATE
    SET until_offset = greatest(restore_partition.until_offset, excluded.until_offset),
      topic_id = coalesce(restore_partition.topic_id, excluded.topic_id)`

/** Keeps the count of records that were read: the distance from the first offset to the next one, even below 0. */
const moveIntoTopics = `
  UPDATE restore_partition AS reading
  SET gone = gone + until_offset - next_offset, topic_id = current.topic_id,
    from_offset = from_offset - next_offset, next_offset = 0, until_offset = 0
  FROM unnest($2::text[], $3::uuid[]) AS current (topic, topic_id)
  WHERE restore_id = $1 AND reading.topic = current.topic AND reading.topic_id <> current.topic_id`

const selectRestore = `
  SELECT ${isoTime('from_time')} AS from_time, phase, records_unreadable::text,
    facts::text, facts_applied::text, facts_known::text,
    facts_contradicted::text, contradictions, replay_id, started_by, ${isoTime('started_at')} AS started_at,
    ${isoTime('ended_at')} AS ended_at, error,
    coalesce(sum(until_offset - from_offset), 0)::text AS records,
    coalesce(sum(next_offset - from_offset), 0)::text AS records_read, coalesce(sum(gone), 0)::text AS records_gone
  FROM restore LEFT JOIN restore_partition USING (restore_id)
  WHERE restore_id = $1
  GROUP BY restore_id`
