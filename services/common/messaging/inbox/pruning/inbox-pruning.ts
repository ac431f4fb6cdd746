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
  /** How long ids are kept; undefined for as long as the topics' settings ask for. */
  readonly retentionMs?: number | undefined
  /** Nothing is written without it. */
  readonly log?: Logger | undefined
  /** Nothing is counted without it. */
  readonly metrics?: Metrics | undefined
  /** Told once, if less is configured than the topics need: the process cannot go on like that. */
  fail(error: InboxRetentionError): void
  readonly intervalMs?: number
}

const hourMs = 3_600_000
/** Until Kafka has told what the topics keep, it is asked again. */
const retryMs = 5_000
/** Between two batches, so that an inbox that has grown old does not keep the database busy. */
const restMs = 100
/** Batches of one round; what is left is for the next. */
const batchesMax = 1_000
const stopMsMax = 500

/**
 * Keeps the inbox from growing for ever: forgets ids once Kafka cannot bring their messages again. What the topics keep is
 * read from the cluster, at the start and before each round, so that nobody has to remember to change two settings.
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
    // Only a sleep that was cut short ends here.
  })
  return {
    async stop() {
      stopping.abort()
      // A batch under way may end; an answer of Kafka's is not waited for.
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
