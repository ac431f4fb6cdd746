import type { Admin } from './create-client.ts'

/** The offsets that a group has committed for a topic, by partition; partitions without one are not in the result. */
export async function committedOffsets(
  admin: Admin,
  groupId: string,
  topic: string,
): Promise<Map<number, bigint>> {
  const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] })
  const committed = (offsets?.partitions ?? []).map(
    ({ partition, offset }) => [partition, BigInt(offset)] as const,
  )
  return new Map(committed.filter(([, offset]) => offset >= 0n))
}
