import type { Admin, Kafka } from '../../kafka/client.ts'
import type { TopicPartition } from '../../kafka/consumed-record.ts'
import { offsetRanges } from '../../kafka/end-offsets.ts'
import { oldestUnreadAgeMs } from '../../kafka/oldest-unread.ts'
import { topicIds } from '../../kafka/topic-ids.ts'
import { every, type Timer } from '../../lifecycle/every.ts'
import { waitAtMost } from '../../lifecycle/wait-at-most.ts'
import type { Database } from '../../postgres/database.ts'
import { forgetUnmeasured } from '../../telemetry/forget-unmeasured.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { isOfAnotherTopic, type Position, readAllPositions } from '../positions/positions.ts'

export interface Lag {
  /** Records that are yet to be handled, by topic. */
  readonly records: ReadonlyMap<string, number>
  /** For how long the oldest of them has been in its topic, to within half a second; 0 without one. */
  readonly oldestMs: number
  /** Partitions of which nothing is read, as another topic has the name now, by topic. */
  readonly recreated: ReadonlyMap<string, number>
}

/**
 * Shows, measured at an interval, how far a consumer is behind: by its stored positions, so each replica shows the whole
 * consumer, also what nobody reads. What could not be measured stays as it was for a few rounds, and is then not shown.
 */
export function observeLag(
  metrics: Metrics,
  of: {
    readonly consumer: string
    readonly topics: readonly string[]
    readonly database: Pick<Database, 'em'>
    readonly kafka: Kafka
    readonly intervalMs: number
    readonly log: Logger
  },
): Timer {
  const { consumer, topics, database } = of
  const records = metrics.gauge({
    name: 'boxoffice_consumer_lag_records',
    help: 'Records that a consumer has yet to handle, by topic; the same on every replica',
    labelNames: ['consumer', 'topic'],
  })
  const seconds = metrics.gauge({
    name: 'boxoffice_consumer_lag_seconds',
    help: 'For how long the oldest record that a consumer has yet to handle has been in its topic; 0 without lag',
    labelNames: ['consumer'],
  })
  const recreated = metrics.gauge({
    name: 'boxoffice_consumer_recreated_partitions',
    help: 'Partitions that a consumer does not read, as their topic was deleted and created again; the same on every replica',
    labelNames: ['consumer', 'topic'],
  })
  const measured = forgetUnmeasured(of.intervalMs, () => {
    records.reset()
    recreated.reset()
    seconds.reset()
  })
  const admin = of.kafka.admin()
  const timer = every(of.intervalMs, 'observe lag', of.log, async () => {
    // Before the ends, so that no position is past them.
    const lag = await measureLag(admin, topics, await readAllPositions(database.em(), consumer))
    for (const [topic, count] of lag.records) records.set({ consumer, topic }, count)
    for (const [topic, count] of lag.recreated) recreated.set({ consumer, topic }, count)
    seconds.set({ consumer }, lag.oldestMs / 1_000)
    measured()
  })
  return {
    async stop() {
      // Kafka may be away: nobody waits for its answer any more.
      await waitAtMost(stopMsMax, timer.stop())
      await waitAtMost(stopMsMax, admin.disconnect())
    },
  }
}

const stopMsMax = 500

/** How far the topics' ends are from where a consumer stands; one without a position stands at the earliest record. */
export async function measureLag(
  admin: Admin,
  topics: readonly string[],
  positions: readonly Position[],
): Promise<Lag> {
  const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`
  const ids = await topicIds(admin, topics)
  const isRecreated = (position: Position): boolean => isOfAnotherTopic(position, ids)
  const positionOf = new Map(
    positions
      .filter((position) => !isRecreated(position))
      .map((position) => [nameOf(position), position.nextOffset]),
  )
  const recreated = new Map(
    topics.map((topic) => [
      topic,
      positions.filter((position) => position.topic === topic && isRecreated(position)).length,
    ]),
  )
  const records = new Map<string, number>()
  let oldestMs = 0
  for (const topic of topics) {
    const unread = new Map<number, bigint>()
    let count = 0n
    for (const [partition, { begin, end }] of await offsetRanges(admin, topic)) {
      const stored = positionOf.get(nameOf({ topic, partition }))
      const next = stored !== undefined && stored > begin ? stored : begin
      if (end <= next) continue
      unread.set(partition, next)
      count += end - next
    }
    records.set(topic, Number(count))
    if (unread.size > 0) {
      oldestMs = Math.max(oldestMs, await oldestUnreadAgeMs(admin, topic, unread, Date.now()))
    }
  }
  return { records, oldestMs, recreated }
}
