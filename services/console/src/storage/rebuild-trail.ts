import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { beginColumns, type Ranges } from './ranges.ts'

/**
 * Forgets everything and lets the consumer read every topic again, in one transaction: a consumer that is in the middle of a
 * batch is fenced by its position. Positions of the trail go on counting, so streams go on.
 *
 * Each partition is read from what it begins with by now. What retention has removed before cannot be read again: see
 * {@link countBeyondTopics}.
 */
export async function rebuildTrail(em: EntityManager, consumer: string, ranges: Ranges): Promise<void> {
  // Whoever moves a position waits, and has not touched anything else yet: the order is that of the consumer.
  await query(em, 'LOCK TABLE consumer_position IN SHARE ROW EXCLUSIVE MODE')
  await query(em, moveToBegin, [consumer, ...beginColumns(ranges)])
  await query(em, 'SELECT forget_trail()')
}

/** How many records the trail has that the topics no longer hold. */
export async function countBeyondTopics(em: EntityManager, ranges: Ranges): Promise<number> {
  const [row] = await query<{ count: number }>(em, selectBeyond, beginColumns(ranges))
  return row?.count ?? 0
}

const moveToBegin = `
  UPDATE consumer_position AS position SET next_offset = place.begins_at
  FROM unnest($2::text[], $3::int[], $4::bigint[]) AS place (topic, partition, begins_at)
  WHERE position.consumer = $1 AND position.topic = place.topic AND position.partition = place.partition`

const selectBeyond = `
  SELECT count(*)::int AS count
  FROM unnest($1::text[], $2::int[], $3::bigint[]) AS place (topic, partition, begins_at)
  JOIN message ON message.topic = place.topic AND message.partition = place.partition
    AND message."offset" < place.begins_at`
