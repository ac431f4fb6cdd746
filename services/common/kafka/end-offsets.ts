import type { Admin } from './create-client.ts'

export interface OffsetRange {
  /** The first offset that retention has kept: the low watermark. */
  readonly begin: bigint
  /** One past the last offset that consumers may see: the last stable offset, which an open transaction holds back. */
  readonly end: bigint
  /** Of the topic, where it was asked for. */
  readonly topicId?: string | undefined
}

/** What each partition of a topic holds now. `admin` may be reused; it is connected here when it is not. */
export async function offsetRanges(admin: Admin, topic: string): Promise<Map<number, OffsetRange>> {
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(topic)
  return new Map(
    offsets.map(({ partition, low, high }) => [partition, { begin: BigInt(low), end: BigInt(high) }]),
  )
}

/** The end offset of each partition of a topic now: who has read up to them has read what was there. */
export async function endOffsets(admin: Admin, topic: string): Promise<Map<number, bigint>> {
  const ranges = await offsetRanges(admin, topic)
  return new Map([...ranges].map(([partition, { end }]) => [partition, end]))
}
