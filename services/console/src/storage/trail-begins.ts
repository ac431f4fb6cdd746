import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'

/** Whether the trail has the first record of each of these partitions: then nothing is older than it. */
export async function hasTheBeginning(
  em: EntityManager,
  partitions: readonly { readonly topic: string; readonly partition: number }[],
): Promise<boolean> {
  const [row] = await query<{ missing: number }>(em, countMissing, [
    partitions.map(({ topic }) => topic),
    partitions.map(({ partition }) => partition),
  ])
  return row?.missing === 0
}

const countMissing = `
  SELECT count(*)::int AS missing FROM unnest($1::text[], $2::int[]) AS place (topic, partition)
  WHERE NOT EXISTS (
    SELECT FROM message WHERE message.topic = place.topic AND message.partition = place.partition AND "offset" = 0)`
