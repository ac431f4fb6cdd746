import type { Admin } from './create-client.ts'

/** What a group has told Kafka about a topic, by partition; partitions of which it told nothing are not in the result. */
export async function committedOffsets(
  admin: Admin,
  groupId: string,
  topic: string,
): Promise<Map<number, bigint>> {
  const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] })
  const told = (offsets?.partitions ?? []).map(
    ({ partition, offset }) => [partition, BigInt(offset)] as const,
  )
  return new Map(told.filter(([, offset]) => offset >= 0n))
}
