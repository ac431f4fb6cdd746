import type { TopicPartition } from '@boxoffice/kafka'
import { countReplayed } from '../../replay/replay-progress.ts'
import type { SqlDatabase } from '../../sql/sql.ts'
import { type AssignedPartition, passedOverIn } from '../assignment/assigned-partition.ts'
import { movePositions } from '../positions/positions.ts'

/** The move of a stored position past records that were passed over. */
export interface PositionStore {
  readonly partition: AssignedPartition
  readonly from: bigint
  readonly to: bigint
  readonly passedOver: readonly Place[]
}

type Place = TopicPartition & { readonly offset: bigint }

export function positionStoreOf(partition: AssignedPartition): PositionStore {
  const { stored, position } = partition.progress
  return { partition, from: stored, to: position, passedOver: passedOverIn(partition) }
}

/**
 * Moves stored positions past records that were passed over, in a transaction of its own. A replay counts these.
 *
 * @throws FencedError if one is no longer where this member left it
 */
export async function storePositions(
  { consumer, database }: { readonly consumer: string; readonly database: SqlDatabase },
  stores: readonly PositionStore[],
): Promise<void> {
  const moves = stores.map(({ partition: { topic, partition, topicId }, from, to }) => {
    return { topic, partition, from, to, topicId }
  })
  await database.transaction(async (sql) => {
    const replaying = await movePositions(sql, consumer, moves)
    if (replaying.length === 0) return
    const read = stores.flatMap(({ passedOver }) => passedOver)
    await countReplayed(sql, consumer, replaying, { read, handled: [], putAside: [] })
  })
}
