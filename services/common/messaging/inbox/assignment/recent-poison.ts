import type { TopicPartition } from '@boxoffice/kafka'
import type { PutAside } from '../../dead-letters/dead-letter-message.ts'
import type { ReceivedMessage } from '../../message/received-message.ts'
import type { Sql, SqlDatabase } from '../../sql/sql.ts'
import type { LocatedPosition } from '../positions/positions.ts'
import type { AssignedPartition } from './assigned-partition.ts'
import type { StartPosition } from './assignment.ts'
import { poisonOffsets, type Verdict } from './circuit.ts'

/** The outcomes of the messages of one transaction. */
export interface Outcomes {
  readonly handled: readonly ReceivedMessage[]
  readonly passedOver: readonly ReceivedMessage[]
  readonly putAside: readonly PutAside[]
}

/** The verdicts on the messages of one partition, in order. A message that was passed over counts as handled. */
export function verdictsIn(at: TopicPartition, { handled, passedOver, putAside }: Outcomes): Verdict[] {
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
 * Adds to each position the offsets of the latest records before it that are still put aside as poison. So an open
 * circuit stays open when its partition moves to another member, or when its process starts again.
 */
export async function withRecentPoison(
  positions: readonly LocatedPosition[],
  options: {
    readonly consumer: string
    readonly database: SqlDatabase
    readonly window: number
  },
): Promise<StartPosition[]> {
  const rows = await options.database.transaction((sql) =>
    sql.query<PoisonRow>(selectRecentPoison, [
      options.consumer,
      positions.map(({ topic }) => topic),
      positions.map(({ partition }) => partition),
      positions.map(({ nextOffset }) => String(nextOffset)),
      options.window,
      positions.map(({ topicId }) => topicId ?? null),
    ]),
  )
  return positions.map((position) => ({ ...position, recentPoison: offsetsAt(rows, position) }))
}

/** The offsets of the poison that judges a partition and is still put aside: a set per partition, in order. */
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
