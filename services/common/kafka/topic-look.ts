import type { Admin } from './create-client.ts'
import { type OffsetRange, offsetRanges } from './end-offsets.ts'
import { topicIds } from './topic-ids.ts'

/** The ids of topics and their offsets, at one time. */
export interface TopicLook {
  /** By name; a topic whose id the broker does not report is missing. */
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

/** Lets several callers share their looks: a look that is younger than `ageMsMax` is not repeated. */
export function shareLooks(look: () => Promise<TopicLook>, ageMsMax: number): () => Promise<TopicLook> {
  let latest: { readonly begunAt: number; readonly found: Promise<TopicLook> } | undefined
  return async () => {
    if (latest === undefined || performance.now() - latest.begunAt >= ageMsMax)
      latest = { begunAt: performance.now(), found: look() }
    const current = latest
    try {
      return await current.found
    } catch (error) {
      // The next caller asks again.
      if (latest === current) latest = undefined
      throw error
    }
  }
}
