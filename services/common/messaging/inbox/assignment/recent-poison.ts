import type { TopicPartition } from '@boxoffice/kafka'
import type { PutAside } from '../../dead-letters/dead-letter-message.ts'
import type { ReceivedMessage } from '../../message/received-message.ts'
import type { Sql, SqlDatabase } from '../../sql/sql.ts'
import type { LocatedPosition } from '../positions/positions.ts'
import type { AssignedPartition } from './assigned-partition.ts'
import type { Located } from './assignment.ts'
import { poisonOffsets, type Verdict } from './circuit.ts'

/** What became of the messages of one transaction. */
export interface Outcomes {
  readonly handled: readonly ReceivedMessage[]
  readonly passedOver: readonly ReceivedMessage[]
  readonly putAside: readonly PutAside[]
}

/** What became of the messages of one partition, in their order. What was passed over was no poison either. */
export function outcomesIn(at: TopicPartition, { handled, passedOver, putAside }: Outcomes): Verdict[] {
  const isHere = ({ topic, partition }: TopicPartition): boolean =>
    topic === at.topic && partition === at.partition
  return [
    ...[...handled, ...passedOver]
      .filter(isHere)
      .map(({ offset }) => ({ offset, verdict: 'handled' as const })),
    ...putAside
      .filter(({ record, poison }) => poison.reason !== 'KEY_PARKED' && isHere(record))
      .map(({ record: { offset } }) => ({ offset, verdict: { poisonAt: offset } })),
  ]
    .sort((one, other) => Number(one.offset - other.offset))
    .map(({ verdict }) => verdict)
}

/**
 * Which of the latest records before each position are still put aside for what they are, so that an open circuit
 * stays open when its partition moves to another member, or when its process starts again.
 */
export async function withRecentPoison(
  positions: readonly LocatedPosition[],
  of: {
    readonly consumer: string
    readonly database: SqlDatabase
    readonly window: number
  },
): Promise<Located[]> {
  const rows = await of.database.transaction((sql) =>
    sql.query<PoisonRow>(selectRecentPoison, [
      of.consumer,
      positions.map(({ topic }) => topic),
      positions.map(({ partition }) => partition),
      positions.map(({ nextOffset }) => String(nextOffset)),
      of.window,
      positions.map(({ topicId }) => topicId ?? null),
    ]),
  )
  return positions.map((position) => ({ ...position, recentPoison: offsetsAt(rows, position) }))
}

/** Which of the poison that partitions are judged by is still put aside; the offsets are in the order of the partitions. */
export async function stillPutAside(
  sql: Sql,
  consumer: string,
  partitions: readonly AssignedPartition[],
): Promise<ReadonlySet<bigint>[]> {
  const places = partitions.flatMap(({ topic, partition, topicId, progress }) =>
    poisonOffsets(progress.circuit).map((offset) => ({ topic, partition, topicId, offset })),
  )
  const rows = await sql.query<PoisonRow>(selectPutAside, [
    consumer,
    places.map(({ topic }) => topic),
    places.map(({ partition }) => partition),
    places.map(({ offset }) => String(offset)),
    places.map(({ topicId }) => topicId ?? null),
  ])
  return partitions.map((at) => new Set(offsetsAt(rows, at)))
}

interface PoisonRow extends TopicPartition {
  readonly offset: string
}

function offsetsAt(rows: readonly PoisonRow[], at: TopicPartition): bigint[] {
  return rows
    .filter(({ topic, partition }) => topic === at.topic && partition === at.partition)
    .map(({ offset }) => BigInt(offset))
}

const selectRecentPoison = `
  SELECT topic, partition, "offset"::text
  FROM dead_letter
  JOIN unnest($2::text[], $3::int[], $4::bigint[], $6::uuid[]) AS place (topic, partition, next_offset, current_id) USING (topic, partition)
  WHERE consumer = $1
    AND state = 'PUT_ASIDE'
    AND reason <> 'KEY_PARKED'
    AND topic_id IS NOT DISTINCT FROM current_id
    AND "offset" >= next_offset - $5
    AND "offset" < next_offset`

const selectPutAside = `
  SELECT topic, partition, "offset"::text
  FROM dead_letter
  JOIN unnest($2::text[], $3::int[], $4::bigint[], $5::uuid[]) AS place (topic, partition, "offset", current_id)
    USING (topic, partition, "offset")
  WHERE consumer = $1
    AND topic_id IS NOT DISTINCT FROM current_id
    AND state = 'PUT_ASIDE'
    AND reason <> 'KEY_PARKED'`
