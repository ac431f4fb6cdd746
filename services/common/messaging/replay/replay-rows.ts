import { MessagingError } from '../message/messaging-error.ts'
import { isoTime } from '../sql/iso-time.ts'
import type { Sql } from '../sql/sql.ts'
import type { PlannedPartition } from './plan-replay.ts'

/** The id of the replay that is running for a consumer. */
export async function runningReplayId(sql: Sql, consumer: string): Promise<string | undefined> {
  const [row] = await sql.query<{ replay_id: string }>(selectRunning, [consumer])
  return row?.replay_id
}

export interface NewReplay {
  readonly replayId: string
  readonly consumer: string
  /** What the operator asked for, as JSON: stored, and never read here. */
  readonly range: unknown
  readonly startedBy: string
}

/**
 * Moves the positions of the plan back and stores the replay. The caller has locked the positions; no other replay is
 * running.
 */
export async function beginReplay(
  sql: Sql,
  { replayId, consumer, range, startedBy }: NewReplay,
  plan: readonly PlannedPartition[],
): Promise<void> {
  await sql.query(insertReplay, [
    replayId,
    consumer,
    JSON.stringify(range),
    plan.length > 0 ? 'RUNNING' : 'DONE',
    startedBy,
  ])
  await sql.query(insertPartitions, [
    replayId,
    plan.map(({ topic }) => topic),
    plan.map(({ partition }) => partition),
    plan.map(({ target }) => String(target)),
    plan.map(({ until }) => String(until)),
    plan.map(({ end }) => String(end)),
    plan.map(({ gone }) => String(gone)),
  ])
  await sql.query(moveBack, [replayId, consumer])
}

/** Moves what is not back yet to where it was before the replay. Changes nothing for a replay that has ended. */
export async function endReplay(sql: Sql, replayId: string, cancelledBy: string): Promise<void> {
  await sql.query(moveForward, [replayId])
  await sql.query(cancelRunning, [replayId, cancelledBy])
}

/** A replay and how far it has come. */
export interface StoredReplay {
  readonly replayId: string
  /** What the operator asked for, as JSON. */
  readonly range: unknown
  readonly phase: 'RUNNING' | 'DONE' | 'CANCELLED'
  readonly partitions: readonly StoredReplayPartition[]
  readonly reread: bigint
  readonly known: bigint
  readonly effective: bigint
  readonly putAside: bigint
  readonly startedBy: string
  readonly startedAt: Date
  readonly endedAt: Date | undefined
  readonly cancelledBy: string | undefined
}

/** How far a replay has come in a partition. */
export interface StoredReplayPartition extends PlannedPartition {
  /** The offset that is read next. */
  readonly position: bigint
}

/** @throws MessagingError REPLAY_NOT_FOUND */
export async function readReplay(sql: Sql, replayId: string): Promise<StoredReplay> {
  const found = await findReplay(sql, replayId)
  if (found === undefined) throw new MessagingError('REPLAY_NOT_FOUND', `There is no replay ${replayId} here`)
  return found
}

export async function findReplay(sql: Sql, replayId: string): Promise<StoredReplay | undefined> {
  const [row] = await sql.query<ReplayRow>(selectReplay, [replayId])
  if (row === undefined) return undefined
  const partitions = await sql.query<PartitionRow>(selectPartitions, [replayId])
  const sum = (column: keyof PartitionRow): bigint =>
    partitions.reduce((total, partition) => total + BigInt(partition[column]), 0n)
  return {
    replayId,
    range: row.range,
    phase: row.phase,
    partitions: partitions.map(toStoredPartition),
    reread: sum('reread'),
    known: sum('known'),
    effective: sum('effective'),
    putAside: sum('put_aside'),
    startedBy: row.started_by,
    startedAt: new Date(row.started_at),
    endedAt: row.ended_at === null ? undefined : new Date(row.ended_at),
    cancelledBy: row.cancelled_by ?? undefined,
  }
}

function toStoredPartition(row: PartitionRow): StoredReplayPartition {
  return {
    topic: row.topic,
    partition: row.partition,
    position: BigInt(row.next_offset),
    target: BigInt(row.target_offset),
    until: BigInt(row.until_offset),
    end: BigInt(row.end_offset),
    gone: BigInt(row.gone),
  }
}

interface ReplayRow {
  readonly range: unknown
  readonly phase: 'RUNNING' | 'DONE' | 'CANCELLED'
  readonly started_by: string
  readonly started_at: string
  readonly ended_at: string | null
  readonly cancelled_by: string | null
}

interface PartitionRow {
  readonly topic: string
  readonly partition: number
  readonly target_offset: string
  readonly next_offset: string
  readonly until_offset: string
  readonly end_offset: string
  readonly gone: string
  readonly reread: string
  readonly known: string
  readonly effective: string
  readonly put_aside: string
}

const selectRunning = `SELECT replay_id FROM replay WHERE consumer = $1 AND phase = 'RUNNING'`

const insertReplay = `
  INSERT INTO replay (replay_id, consumer, range, phase, started_by, ended_at)
  VALUES ($1, $2, $3::jsonb, $4, $5, CASE WHEN $4 = 'DONE' THEN now() END)`

const insertPartitions = `
  INSERT INTO replay_partition
    (replay_id, topic, partition, target_offset, next_offset, until_offset, end_offset, gone)
  SELECT $1, topic, partition, target_offset, target_offset, until_offset, end_offset, gone
  FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
    AS planned (topic, partition, target_offset, until_offset, end_offset, gone)`

const moveBack = `
  UPDATE consumer_position AS position
  SET next_offset = planned.target_offset, replay_until = planned.until_offset
  FROM replay_partition AS planned
  WHERE planned.replay_id = $1
    AND position.consumer = $2
    AND position.topic = planned.topic
    AND position.partition = planned.partition`

const moveForward = `
  UPDATE consumer_position AS position
  SET next_offset = greatest(position.next_offset, position.replay_until), replay_until = NULL
  FROM replay
  WHERE replay.replay_id = $1
    AND replay.phase = 'RUNNING'
    AND position.consumer = replay.consumer
    AND position.replay_until IS NOT NULL`

const cancelRunning = `
  UPDATE replay
  SET phase = 'CANCELLED', ended_at = now(), cancelled_by = $2
  WHERE replay_id = $1 AND phase = 'RUNNING'`

const selectReplay = `
  SELECT range, phase, started_by, ${isoTime('started_at')} AS started_at, ${isoTime('ended_at')} AS ended_at,
    cancelled_by
  FROM replay WHERE replay_id = $1`

const selectPartitions = `
  SELECT topic, partition, target_offset::text, next_offset::text, until_offset::text, end_offset::text, gone::text,
    reread::text, known::text, effective::text, put_aside::text
  FROM replay_partition
  WHERE replay_id = $1
  ORDER BY topic, partition`
