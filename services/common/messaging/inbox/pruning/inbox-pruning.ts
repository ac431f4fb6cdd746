import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka, Logger } from '@boxoffice/kafka'
import { readTopicRetention, withAdmin } from '@boxoffice/kafka'
import { waitAtMost } from '@boxoffice/pacing'
import type { SqlDatabase } from '../../sql/sql.ts'
import { type Metrics, metricName } from '../../telemetry/metrics.ts'
import { noMetrics, silentLog } from '../../telemetry/silence.ts'
import { InboxRetentionError, inboxRetentionMs } from './inbox-retention.ts'
import { pruneInbox } from './prune-inbox.ts'

export interface InboxPruningOptions {
  readonly consumer: string
  readonly topics: readonly string[]
  readonly kafka: Kafka
  readonly database: SqlDatabase
  /** The time for which ids are kept; undefined for as long as the topics' settings require. */
  readonly retentionMs?: number | undefined
  /** Without it nothing is logged. */
  readonly log?: Logger | undefined
  /** Without it nothing is counted. */
  readonly metrics?: Metrics | undefined
  /** Called once, if `retentionMs` is less than the topics need: the process must not go on like that. */
  fail(error: InboxRetentionError): void
  readonly intervalMs?: number
}

const hourMs = 3_600_000
/** The wait between two questions to Kafka, until it has answered once how long the topics keep their records. */
const retryMs = 5_000
/** The rest between two batches, so that pruning a large inbox does not keep the database busy. */
const restMs = 100
/** The most batches of one round; the next round takes the rest. */
const batchesMax = 1_000
const stopMsMax = 500

/**
 * Keeps the inbox from growing for ever: forgets ids once Kafka cannot deliver their messages again. The retention of
 * the topics is read from the cluster, at the start and before each round: it is set in one place only.
 */
export function startInboxPruning(options: InboxPruningOptions): { stop(): Promise<void> } {
  const { consumer, kafka, database, log = silentLog, intervalMs = hourMs } = options
  const stopping = new AbortController()
  const { pruned, kept } = pruningMetrics(options.metrics ?? noMetrics)

  async function run(): Promise<void> {
    for (let started = false; !stopping.signal.aborted; ) {
      try {
        const topics = await withAdmin(kafka, (admin) => readTopicRetention(admin, options.topics))
        const retentionMs = inboxRetentionMs(topics, options.retentionMs)
        started = true
        kept.set({ consumer }, retentionMs / 1_000)
        if (Number.isFinite(retentionMs)) await prune(retentionMs)
      } catch (error) {
        if (error instanceof InboxRetentionError && !started) return options.fail(error)
        if (!stopping.signal.aborted) log.warn({ err: error, consumer }, 'cannot prune the inbox now')
      }
      await sleep(started ? intervalMs : retryMs, undefined, { signal: stopping.signal })
    }
  }

  async function prune(retentionMs: number): Promise<void> {
    let total = 0
    for (let batch = 0; batch < batchesMax; batch++) {
      const done = await pruneInbox(database, consumer, retentionMs)
      pruned.inc({ consumer }, done.pruned)
      total += done.pruned
      if (!done.more) break
      await sleep(restMs, undefined, { signal: stopping.signal })
    }
    if (total > 0) log.info({ consumer, pruned: total, retentionMs }, 'pruned the inbox')
  }

  const running = run().catch(() => {
    // Only a sleep that `stop` has cut short ends here.
  })
  return {
    async stop() {
      stopping.abort()
      // A batch that is under way may end; the stop does not wait for an answer of Kafka's.
      await waitAtMost(stopMsMax, running)
    },
  }
}

function pruningMetrics(metrics: Metrics) {
  return {
    pruned: metrics.counter({
      name: metricName(metrics, 'inbox_pruned_total'),
      help: 'Ids that the inbox has forgotten because Kafka cannot bring their messages again',
      labelNames: ['consumer'],
    }),
    kept: metrics.gauge({
      name: metricName(metrics, 'inbox_retention_seconds'),
      help: 'How long the inbox keeps an id; infinite where a topic keeps its records for ever',
      labelNames: ['consumer'],
    }),
  }
}
