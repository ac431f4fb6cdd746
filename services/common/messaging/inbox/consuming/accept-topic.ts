import { countReplayed, nothingRead } from '../../replay/replay-progress.ts'
import type { Sql } from '../../sql/sql.ts'

export interface AcceptedTopic {
  readonly consumer: string
  readonly topic: string
  /** The id of the topic that has the name now. */
  readonly topicId: string
  /** The offset from which each of its partitions is read, by partition. */
  readonly begins: ReadonlyMap<number, bigint>
}

/**
 * Moves a consumer's positions from a deleted topic to the one that has its name now, and ends a replay of the deleted
 * one. Positions that are in the new topic already stay. The caller locks the positions first (`lockPositions`).
 *
 * @returns whether a position was in another topic. If none was, nothing changes: a partition without a position has
 *   not been read yet
 */
export async function acceptTopic(sql: Sql, accepted: AcceptedTopic): Promise<boolean> {
  const { consumer, topic, topicId, begins } = accepted
  const former = [consumer, topic, topicId]
  const replayed = await sql.query<{ partition: number; replay_until: string }>(selectReplayed, former)
  if (replayed.length > 0) {
    const through = replayed.map(({ partition, replay_until }) => {
      const until = BigInt(replay_until)
      return { topic, partition, to: until, until }
    })
    await countReplayed(sql, consumer, through, nothingRead)
  }
  const columns = [[...begins.keys()], [...begins.values()].map(String)]
  const moved = await sql.query(moveIntoTopic, [...former, ...columns])
  if (moved.length === 0) return false
  await sql.query(insertNew, [...former, ...columns])
  return true
}

const selectReplayed = `
  SELECT partition, replay_until::text FROM consumer_position
  WHERE consumer = $1 AND topic = $2 AND topic_id <> $3 AND replay_until IS NOT NULL`

/** A partition that the new topic does not have yet is read from its first record. */
const moveIntoTopic = `
  UPDATE consumer_position AS position
  SET topic_id = $3, accepted_at = now(), next_offset = coalesce(
    (SELECT begins_at FROM unnest($4::int[], $5::bigint[]) AS place (partition, begins_at)
     WHERE place.partition = position.partition), 0)
  WHERE consumer = $1 AND topic = $2 AND topic_id <> $3
  RETURNING partition`

const insertNew = `
  INSERT INTO consumer_position (consumer, topic, partition, next_offset, topic_id, accepted_at)
  SELECT $1, $2, partition, begins_at, $3::uuid, now()
  FROM unnest($4::int[], $5::bigint[]) AS place (partition, begins_at)
  ON CONFLICT DO NOTHING`
