import type { TopicPartition } from '@boxoffice/kafka'
import type { Replaying } from '../inbox/positions/positions.ts'
import type { Sql } from '../sql/sql.ts'

interface Place extends TopicPartition {
  readonly offset: bigint
}

/**
 * What a transaction did with the records of its batches. A record that it neither handled nor put aside was known
 * already.
 */
export interface Read {
  readonly read: readonly Place[]
  readonly handled: readonly Place[]
  readonly putAside: readonly Place[]
}

/** For a position that moves over records which are gone. */
export const nothingRead: Read = { read: [], handled: [], putAside: [] }

/**
 * Counts the records that a replay has read again, in the transaction that read them. The transaction that brings the
 * last partition back to where it was before ends the replay.
 */
export async function countReplayed(
  sql: Sql,
  consumer: string,
  replaying: readonly Replaying[],
  read: Read,
): Promise<void> {
  const counts = replaying.map((partition) => countsOf(partition, read))
  await sql.query(addCounts, [
    consumer,
    replaying.map(({ topic }) => topic),
    replaying.map(({ partition }) => partition),
    replaying.map(({ to }) => String(to)),
    counts.map(({ reread }) => reread),
    counts.map(({ handled }) => handled),
    counts.map(({ putAside }) => putAside),
  ])
  const back = replaying.filter(({ to, until }) => to >= until)
  if (back.length === 0) return
  await sql.query(leaveReplay, [
    consumer,
    back.map(({ topic }) => topic),
    back.map(({ partition }) => partition),
  ])
  // Two replicas may bring the last two partitions back at once: the second one waits here, and then sees the first.
  await sql.query(lockReplay, [consumer])
  await sql.query(endReplay, [consumer])
}

function countsOf({ topic, partition, until }: Replaying, { read, handled, putAside }: Read) {
  const again = (place: Place): boolean =>
    place.topic === topic && place.partition === partition && place.offset < until
  return {
    reread: read.filter(again).length,
    handled: handled.filter(again).length,
    putAside: putAside.filter(again).length,
  }
}

const addCounts = `
  UPDATE replay_partition AS progress
  SET next_offset = least(batch.to_offset, progress.until_offset),
    reread = progress.reread + batch.reread,
    known = progress.known + batch.reread - batch.handled - batch.put_aside,
    effective = progress.effective + batch.handled,
    put_aside = progress.put_aside + batch.put_aside
  FROM replay, unnest($2::text[], $3::int[], $4::bigint[], $5::int[], $6::int[], $7::int[])
    AS batch (topic, partition, to_offset, reread, handled, put_aside)
  WHERE replay.consumer = $1
    AND replay.phase = 'RUNNING'
    AND progress.replay_id = replay.replay_id
    AND progress.topic = batch.topic
    AND progress.partition = batch.partition`

const leaveReplay = `
  UPDATE consumer_position AS position
  SET replay_until = NULL
  FROM unnest($2::text[], $3::int[]) AS back (topic, partition)
  WHERE position.consumer = $1 AND position.topic = back.topic AND position.partition = back.partition`

const lockReplay = `
  SELECT replay_id FROM replay WHERE consumer = $1 AND phase = 'RUNNING' FOR UPDATE`

const endReplay = `
  UPDATE replay
  SET phase = 'DONE', ended_at = clock_timestamp()
  WHERE consumer = $1 AND phase = 'RUNNING' AND NOT EXISTS (
    SELECT FROM replay_partition AS progress
    WHERE progress.replay_id = replay.replay_id AND progress.next_offset < progress.until_offset
  )`
