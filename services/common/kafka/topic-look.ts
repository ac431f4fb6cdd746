import type { Admin } from './create-client.ts'
import { type OffsetRange, offsetRanges } from './end-offsets.ts'
import { topicIds } from './topic-ids.ts'

/** Which topics there were, and what they held. */
export interface TopicLook {
  /** By name; one that the broker does not tell is not in it. */
  readonly ids: ReadonlyMap<string, string>
  /** By name, then by partition. */
  readonly ranges: ReadonlyMap<string, ReadonlyMap<number, OffsetRange>>
}

/** @throws Error if there is no such topic, or Kafka does not answer */
export async function lookAtTopics(admin: Admin, topics: readonly string[]): Promise<TopicLook> {
  const ids = await topicIds(admin, topics)
  const ranges = new Map<string, ReadonlyMap<number, OffsetRange>>()
  for (const topic of topics) ranges.set(topic, await offsetRanges(admin, topic))
  return { ids, ranges }
}

/** Several that look from time to time share their looks: one that is younger than `ageMsMax` is not made again. */
export function shareLooks(look: () => Promise<TopicLook>, ageMsMax: number): () => Promise<TopicLook> {
  let latest: { readonly begunAt: number; readonly found: Promise<TopicLook> } | undefined
  return async () => {
    if (latest === undefined || performance.now() - latest.begunAt >= ageMsMax)
      latest = { begunAt: performance.now(), found: look() }
    const mine = latest
    try {
      return await mine.found
    } catch (error) {
      // The next one asks again.
      if (latest === mine) latest = undefined
      throw error
    }
  }
}
