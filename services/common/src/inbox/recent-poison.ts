import type { TopicPartition } from '../kafka/consumed-record.ts'
import type { Database } from '../postgres/database.ts'
import { query } from '../postgres/query.ts'
import type { Located } from './assignment.ts'
import type { Position } from './positions.ts'
import type { Processed } from './process-slices.ts'

/** What became of the messages of one partition, in their order: true for those that were put aside for what they are. */
export function outcomesIn(at: TopicPartition, { handled, putAside }: Processed): boolean[] {
  const isHere = ({ topic, partition }: TopicPartition): boolean =>
    topic === at.topic && partition === at.partition
  return [
    ...handled.filter(isHere).map(({ offset }) => ({ offset, poison: false })),
    ...putAside
      .filter(({ record, poison }) => poison.reason !== 'KEY_PARKED' && isHere(record))
      .map(({ record }) => ({ offset: record.offset, poison: true })),
  ]
    .sort((one, other) => Number(one.offset - other.offset))
    .map(({ poison }) => poison)
}

/**
 * How many of the latest records before each position are still put aside for what they are, so that a partition which has
 * stopped stays so when it moves to another member, or when its process restarts in vain.
 */
export async function withRecentPoison(
  positions: readonly Position[],
  of: {
    readonly consumer: string
    readonly database: Pick<Database, 'transaction'>
    readonly window: number
  },
): Promise<Located[]> {
  const rows = await of.database.transaction((em) =>
    query<{ topic: string; partition: number; poison: number }>(em, countRecentPoison, [
      of.consumer,
      positions.map(({ topic }) => topic),
      positions.map(({ partition }) => partition),
      positions.map(({ nextOffset }) => String(nextOffset)),
      of.window,
    ]),
  )
  const poisonOf = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, row.poison]))
  return positions.map((position) => ({
    ...position,
    recentPoison: poisonOf.get(`${position.topic}/${position.partition}`) ?? 0,
  }))
}

const countRecentPoison = `
  SELECT topic, partition, count(*)::int AS poison
  FROM dead_letter
  JOIN unnest($2::text[], $3::int[], $4::bigint[]) AS place (topic, partition, next_offset) USING (topic, partition)
  WHERE consumer = $1
    AND state = 'PUT_ASIDE'
    AND reason <> 'KEY_PARKED'
    AND "offset" >= next_offset - $5
    AND "offset" < next_offset
  GROUP BY topic, partition`
