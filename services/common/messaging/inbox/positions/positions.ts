import type { TopicPartition } from '@boxoffice/kafka'
import { areOtherTopics } from '@boxoffice/kafka'
import type { Sql } from '../../sql/sql.ts'

export interface Position extends TopicPartition {
  readonly nextOffset: bigint
  /** The topic that it is an offset of: another id is another topic. Undefined where the brokers report no ids. */
  readonly topicId?: string | undefined
}

/** A position, compared with the topics that exist. */
export interface LocatedPosition extends Position {
  /** Whether the topic was deleted and created again: the offset means nothing in the new one. */
  readonly isRecreated: boolean
}

export interface PositionMove extends TopicPartition {
  /** The value that this member last read or wrote. */
  readonly from: bigint
  readonly to: bigint
  /** The topic that both are offsets of, as this member knows it; undefined where the brokers report no ids. */
  readonly topicId: string | undefined
}

/** A partition that a replay reads again, up to `until`. */
export interface Replaying extends TopicPartition {
  /** The offset to which the position has moved. */
  readonly to: bigint
  readonly until: bigint
}

/** Another member or a replay has moved these positions: this transaction must be rolled back. */
export class FencedError extends Error {
  override readonly name = 'FencedError'
  readonly code = 'POSITION_MOVED'
  readonly positions: readonly TopicPartition[]

  constructor(positions: readonly TopicPartition[]) {
    super(
      `moved by another member or a replay: ${positions.map(({ topic, partition }) => `${topic}/${partition}`).join(', ')}`,
    )
    this.positions = positions
  }

  concerns({ topic, partition }: TopicPartition): boolean {
    return this.positions.some((position) => position.topic === topic && position.partition === partition)
  }
}

/** Reads a consumer's positions. Partitions that it has never read are not in the result. */
export async function readPositions(
  sql: Sql,
  consumer: string,
  partitions: readonly TopicPartition[],
): Promise<Position[]> {
  return (await sql.query<PositionRow>(selectPositions, [consumer, ...columns(partitions)])).map(positionOf)
}

/** A position, and the offset up to which the partition was handled once: a replay does not lower that. */
export interface HandledPosition extends Position {
  readonly handledOffset: bigint
}

/** Reads a consumer's positions in all partitions that it has ever read. */
export async function readAllPositions(sql: Sql, consumer: string): Promise<HandledPosition[]> {
  const rows = await sql.query<PositionRow & { readonly handled_offset: string }>(selectAllPositions, [
    consumer,
  ])
  return rows.map((row) => ({ ...positionOf(row), handledOffset: BigInt(row.handled_offset) }))
}

/** Gives a consumer a position in each partition where it has none; a stored one stays. */
export async function beginPositions(
  sql: Sql,
  consumer: string,
  positions: readonly Position[],
): Promise<void> {
  await sql.query(insertMissingPositions, [
    consumer,
    ...columns(positions),
    positions.map((position) => String(position.nextOffset)),
    positions.map((position) => position.topicId ?? null),
  ])
}

/** Stores the ids of topics with positions that were stored without one. */
export async function identifyPositions(
  sql: Sql,
  consumer: string,
  ids: ReadonlyMap<string, string>,
): Promise<void> {
  await sql.query(updateMissingIds, [consumer, [...ids.keys()], [...ids.values()]])
}

/** Whether a position is of another topic than the one that has its name now. */
export function isOfAnotherTopic(
  { topic, topicId }: Pick<Position, 'topic' | 'topicId'>,
  ids: ReadonlyMap<string, string>,
): boolean {
  return areOtherTopics(topicId, ids.get(topic))
}

/**
 * Waits until no transaction of a consumer is under way and keeps new ones waiting until this one ends. Row locks were
 * rejected: a batch locks those of its partitions in any order, so that it and this transaction could deadlock.
 */
export async function lockPositions(sql: Sql): Promise<void> {
  await sql.query('LOCK TABLE consumer_position IN SHARE ROW EXCLUSIVE MODE')
}

/**
 * Moves positions in the transaction that does the work, all or none, and locks them until it ends.
 *
 * @returns the partitions that a replay moved back and that are not at its end yet
 * @throws FencedError if one is no longer where this member left it
 */
export async function movePositions(
  sql: Sql,
  consumer: string,
  moves: readonly PositionMove[],
): Promise<Replaying[]> {
  const moved = await sql.query<MovedRow>(updatePositions, [consumer, ...moveColumns(moves)])
  if (moved.length < moves.length) throw new FencedError(fencedOut(moves, moved))
  return moved.flatMap(replayingOf)
}

/** The moves that were not made. */
export function fencedOut(moves: readonly PositionMove[], moved: readonly MovedRow[]): PositionMove[] {
  const made = new Set(moved.map((row) => `${row.topic}/${row.partition}`))
  return moves.filter((move) => !made.has(`${move.topic}/${move.partition}`))
}

/** The parameters of {@link updatePositions} after the first, which is the consumer. */
export function moveColumns(
  moves: readonly PositionMove[],
): [string[], number[], string[], string[], (string | null)[]] {
  return [
    ...columns(moves),
    moves.map((move) => String(move.from)),
    moves.map((move) => String(move.to)),
    moves.map((move) => move.topicId ?? null),
  ]
}

interface PositionRow {
  readonly topic: string
  readonly partition: number
  readonly next_offset: string
  readonly topic_id?: string | null
}

export interface MovedRow extends PositionRow {
  readonly replay_until: string | null
}

function positionOf({ topic, partition, next_offset, topic_id }: PositionRow): Position {
  return { topic, partition, nextOffset: BigInt(next_offset), topicId: topic_id ?? undefined }
}

export function replayingOf({ topic, partition, next_offset, replay_until }: MovedRow): Replaying[] {
  if (replay_until === null) return []
  return [{ topic, partition, to: BigInt(next_offset), until: BigInt(replay_until) }]
}

function columns(partitions: readonly TopicPartition[]): [string[], number[]] {
  return [partitions.map(({ topic }) => topic), partitions.map(({ partition }) => partition)]
}

const selectPositions = `
  SELECT topic, partition, next_offset::text, topic_id
  FROM consumer_position
  JOIN unnest($2::text[], $3::int[]) AS assigned (topic, partition) USING (topic, partition)
  WHERE consumer = $1`

const selectAllPositions = `
  SELECT topic, partition, next_offset::text, greatest(next_offset, replay_until)::text AS handled_offset, topic_id
  FROM consumer_position WHERE consumer = $1 ORDER BY topic, partition`

const insertMissingPositions = `
  INSERT INTO consumer_position (consumer, topic, partition, next_offset, topic_id)
  SELECT $1, topic, partition, next_offset, topic_id
  FROM unnest($2::text[], $3::int[], $4::bigint[], $5::uuid[]) AS begin (topic, partition, next_offset, topic_id)
  ORDER BY topic, partition
  ON CONFLICT DO NOTHING`

const updateMissingIds = `
  UPDATE consumer_position AS position
  SET topic_id = known.topic_id
  FROM unnest($2::text[], $3::uuid[]) AS known (topic, topic_id)
  WHERE position.consumer = $1 AND position.topic = known.topic AND position.topic_id IS NULL`

/** Returns a {@link MovedRow} for each position whose stored offset and topic were those that its move names. */
export const updatePositions = `
  UPDATE consumer_position AS position
  SET next_offset = move.to_offset
  FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::uuid[])
    AS move (topic, partition, from_offset, to_offset, topic_id)
  WHERE position.consumer = $1
    AND position.topic = move.topic
    AND position.partition = move.partition
    AND position.next_offset = move.from_offset
    AND position.topic_id IS NOT DISTINCT FROM move.topic_id
  RETURNING position.topic, position.partition, position.next_offset::text, position.replay_until::text`
