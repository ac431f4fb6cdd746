import type { Admin, Kafka, Logger, TopicLook } from '@boxoffice/kafka'
import { oldestUnreadAgeMs } from '@boxoffice/kafka'
import { every, forgetUnmeasured, type Timer, waitAtMost } from '@boxoffice/pacing'
import type { SqlDatabase } from '../../sql/sql.ts'
import { type Metrics, metricName } from '../../telemetry/metrics.ts'
import { isOfAnotherTopic, type Position, readAllPositions } from '../positions/positions.ts'
import { unreadBehind } from './unread.ts'

export interface Lag {
  /** Records that are yet to be handled, by topic. */
  readonly records: ReadonlyMap<string, number>
  /** The time that the oldest of them has been in its topic, to within half a second; 0 without one. */
  readonly oldestMs: number
  /** The number of partitions that are not read because their topic was created again, by topic. */
  readonly recreated: ReadonlyMap<string, number>
}

/**
 * Measures at an interval how far a consumer is behind. It uses the stored positions, so each replica shows the whole
 * consumer, partitions that no replica reads included. After a failed measurement the values stay for a few rounds,
 * and are then removed.
 */
export function observeLag(
  metrics: Metrics,
  options: {
    readonly consumer: string
    readonly database: SqlDatabase
    readonly kafka: Kafka
    readonly intervalMs: number
    readonly log: Logger
    /** What the consumer's topics hold; a look may be some seconds old. */
    look(): Promise<TopicLook>
  },
): Timer {
  const { consumer, database } = options
  const records = metrics.gauge({
    name: metricName(metrics, 'consumer_lag_records'),
    help: 'Records that a consumer has yet to handle, by topic; the same on every replica',
    labelNames: ['consumer', 'topic'],
  })
  const seconds = metrics.gauge({
    name: metricName(metrics, 'consumer_lag_seconds'),
    help: 'For how long the oldest record that a consumer has yet to handle has been in its topic; 0 without lag',
    labelNames: ['consumer'],
  })
  const recreated = metrics.gauge({
    name: metricName(metrics, 'consumer_recreated_partitions'),
    help: 'Partitions that a consumer does not read, as their topic was deleted and created again; the same on every replica',
    labelNames: ['consumer', 'topic'],
  })
  const measured = forgetUnmeasured(options.intervalMs, () => {
    records.reset()
    recreated.reset()
    seconds.reset()
  })
  const admin = options.kafka.admin()
  const timer = every(options.intervalMs, 'observe lag', options.log, async () => {
    // Positions are read before the ends, so that none is past its end.
    const positions = await database.transaction((sql) => readAllPositions(sql, consumer))
    const lag = await measureLag(admin, await options.look(), positions)
    for (const [topic, count] of lag.records) records.set({ consumer, topic }, count)
    for (const [topic, count] of lag.recreated) recreated.set({ consumer, topic }, count)
    seconds.set({ consumer }, lag.oldestMs / 1_000)
    measured()
  })
  return {
    async stop() {
      // Kafka may be away: the stop does not wait for its answer.
      await waitAtMost(stopMsMax, timer.stop())
      await waitAtMost(stopMsMax, admin.disconnect())
    },
  }
}

const stopMsMax = 500

/**
 * Measures how far each position is from the end of its log. A partition without one is unread from its first record.
 */
export async function measureLag(
  admin: Admin,
  look: TopicLook,
  positions: readonly Position[],
): Promise<Lag> {
  const recreated = new Map([...look.ranges.keys()].map((topic) => [topic, 0]))
  for (const position of positions)
    if (isOfAnotherTopic(position, look.ids))
      recreated.set(position.topic, (recreated.get(position.topic) ?? 0) + 1)
  const records = new Map<string, number>()
  let oldestMs = 0
  for (const [topic, unread] of unreadBehind(look, positions)) {
    const count = [...unread.values()].reduce((sum, { records }) => sum + records, 0n)
    records.set(topic, Number(count))
    if (unread.size === 0) continue
    const nexts = new Map([...unread].map(([partition, { next }]) => [partition, next]))
    oldestMs = Math.max(oldestMs, await oldestUnreadAgeMs(admin, topic, nexts, Date.now()))
  }
  return { records, oldestMs, recreated }
}
