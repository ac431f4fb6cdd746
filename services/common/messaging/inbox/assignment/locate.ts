import type { Admin, FetchedBatch, TopicPartition } from '@boxoffice/kafka'
import { areOtherTopics, type OffsetRange, offsetRanges, topicIds } from '@boxoffice/kafka'
import { countReplayed, nothingRead } from '../../replay/replay-progress.ts'
import type { SqlDatabase } from '../../sql/sql.ts'
import {
  beginPositions,
  identifyPositions,
  isOfAnotherTopic,
  type LocatedPosition,
  movePositions,
  type Position,
  readPositions,
} from '../positions/positions.ts'
import { type AssignedPartition, passedOverIn } from './assigned-partition.ts'

export interface LocateOptions {
  readonly consumer: string
  readonly database: SqlDatabase
  readonly admin: Admin
  /** Called when records between these offsets were gone before this consumer had read them. */
  onGap(at: TopicPartition, from: bigint, to: bigint): void
  /** Called when the log ends before the position of this consumer, which reads it again from its beginning. */
  onShorterLog(at: TopicPartition, position: bigint, end: bigint): void
}

/** Reads a consumer's position in each partition. A partition that it has never read begins at the earliest record. */
export async function locate(
  work: LocateOptions,
  partitions: readonly TopicPartition[],
): Promise<LocatedPosition[]> {
  const ids = await topicIds(
    work.admin,
    partitions.map(({ topic }) => topic),
  )
  const positions = await readOrBegin(work, partitions, ids)
  return positions.map((position) => ({ ...position, isRecreated: isOfAnotherTopic(position, ids) }))
}

async function readOrBegin(
  work: LocateOptions,
  partitions: readonly TopicPartition[],
  ids: ReadonlyMap<string, string>,
): Promise<Position[]> {
  const { consumer, database } = work
  const read = (): Promise<Position[]> =>
    database.transaction((sql) => readPositions(sql, consumer, partitions))
  let positions = await read()
  if (positions.some(({ topic, topicId }) => topicId === undefined && ids.has(topic))) {
    await database.transaction((sql) => identifyPositions(sql, consumer, ids))
    positions = await read()
  }
  const known = new Set(positions.map(({ topic, partition }) => `${topic}/${partition}`))
  const missing = partitions.filter(({ topic, partition }) => !known.has(`${topic}/${partition}`))
  if (missing.length === 0) return positions
  const begins = await Promise.all(
    missing.map(async (at) => ({
      ...at,
      nextOffset: (await rangeOf(work.admin, at)).begin,
      topicId: ids.get(at.topic),
    })),
  )
  return await database.transaction(async (sql) => {
    await beginPositions(sql, consumer, begins)
    return await readPositions(sql, consumer, partitions)
  })
}

/**
 * Finds the position of a partition after a batch that does not begin at the expected offset.
 *
 * The stored position wins over what Kafka sent. It moves only if the log no longer has it: past the records that
 * were passed over since it was stored, or to the earliest record if the log does not have that offset either. In
 * that case retention has removed records that were not read, which is a gap, or the log has become shorter than the
 * position and is read from its beginning.
 */
export async function relocate(
  work: LocateOptions,
  partition: AssignedPartition,
  batch: FetchedBatch,
): Promise<Position> {
  const [stored] = await locate(work, [partition])
  if (stored === undefined) throw new Error('a position disappeared while it was read')
  const from = stored.nextOffset
  // Kafka's range is that of the new topic.
  if (stored.isRecreated) return stored
  if (from >= batch.begin && from <= batch.highWatermark) return stored
  const { begin, end } = await rangeOf(work.admin, partition)
  if (from >= begin && from <= end) return stored
  const { progress } = partition
  const isAsLeft = from === progress.stored && !areOtherTopics(stored.topicId, partition.topicId)
  const seen = isAsLeft ? progress.position : from
  const to = seen >= begin && seen <= end ? seen : begin
  await work.database.transaction(async (sql) => {
    const move = { topic: stored.topic, partition: stored.partition, from, to, topicId: stored.topicId }
    const replaying = await movePositions(sql, work.consumer, [move])
    if (replaying.length === 0) return
    // If the position goes back, these records are read again and counted then.
    const read = isAsLeft && to >= seen ? passedOverIn(partition) : []
    await countReplayed(sql, work.consumer, replaying, { ...nothingRead, read })
  })
  if (seen > end) work.onShorterLog(partition, seen, end)
  else if (to !== seen) work.onGap(partition, seen, to)
  return { ...stored, nextOffset: to }
}

async function rangeOf(admin: Admin, { topic, partition }: TopicPartition): Promise<OffsetRange> {
  const range = (await offsetRanges(admin, topic)).get(partition)
  if (range === undefined) throw new Error(`Kafka has no partition ${partition} of ${topic}`)
  return range
}
