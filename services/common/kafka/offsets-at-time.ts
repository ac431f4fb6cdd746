import type { Admin } from './create-client.ts'

/** Reads the first offset of each partition that was written at `time` or later; the end offset if there is none. */
export async function offsetsAtTime(admin: Admin, topic: string, time: Date): Promise<Map<number, bigint>> {
  const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, time.getTime())
  return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]))
}
