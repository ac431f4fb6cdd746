import type { Admin } from './create-client.ts'

export interface OffsetRange {
  /** The first offset that retention has kept: the low watermark. */
  readonly begin: bigint
  /** One past the last offset that consumers may see: the last stable offset, which an open transaction holds back. */
  readonly end: bigint
  /** The id of the topic, where it was requested. */
  readonly topicId?: string | undefined
}

/** Reads the offsets that each partition of a topic holds now. Connects `admin` if necessary; it may be reused. */
export async function offsetRanges(admin: Admin, topic: string): Promise<Map<number, OffsetRange>> {
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(topic)
  return new Map(
    offsets.map(({ partition, low, high }) => [partition, { begin: BigInt(low), end: BigInt(high) }]),
  )
}

/** Reads the end offset of each partition of a topic now: a reader that reaches them has read everything up to now. */
export async function endOffsets(admin: Admin, topic: string): Promise<Map<number, bigint>> {
  const ranges = await offsetRanges(admin, topic)
  return new Map([...ranges].map(([partition, { end }]) => [partition, end]))
}
