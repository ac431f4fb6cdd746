import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import { pause } from '@boxoffice/pacing'
import type { Overview } from '../contract/answers.ts'
import { sourceTopics } from '../contract/schemas.ts'
import type { Ranges } from '../storage/ranges.ts'
import { readPulse } from '../storage/read-pulse.ts'
import { readRecreated } from '../storage/read-recreated.ts'
import { booksOf } from './books.ts'
import { createHopParts } from './hop-parts.ts'
import { oldestUnpublishedSeconds } from './oldest-unpublished.ts'
import type { Cluster } from './read-cluster.ts'
import type { Sample } from './read-metrics.ts'
import { createReadThrough, type ReadThrough } from './read-through.ts'
import { createTrailSummary, type TrailSum } from './sum-trail.ts'
import { watchMetrics } from './watch-metrics.ts'

export interface OverviewOptions {
  readonly consumer: string
  readonly database: Database
  readonly cluster: Cluster
  readonly metricsTargets: readonly string[]
  readonly stuckAfterMs: number
  readonly log: Logger
  /** Whether the page is open anywhere; otherwise the overview is computed less often. */
  isWatched(): boolean
  onOverview(overview: Overview): void
}

const watchedMs = 1_000
const unwatchedMs = 10_000
/** How often each process is asked for its metrics, while the page is open and otherwise. */
const metricsMs = { watched: 5_000, unwatched: 30_000 }
const groups = ['payment', 'point', 'reservation', 'console']
const services = ['payment', 'point', 'reservation']

/** Computes the overview again and again, judges payments that can be judged, and publishes the result. */
export function watchOverview(options: OverviewOptions): {
  look(): Promise<Overview>
  stop(): Promise<void>
} {
  const { consumer, database, cluster } = options
  const readThrough = createReadThrough(database, consumer)
  const partsOf = createHopParts()
  const metrics = watchMetrics(options.metricsTargets, () =>
    options.isWatched() ? metricsMs.watched : metricsMs.unwatched,
  )
  const stopping = new AbortController()
  const summary = createTrailSummary({
    database,
    through: () => readThrough.time,
    log: options.log,
    stopping: stopping.signal,
  })
  let looking: Promise<Overview> | undefined

  async function lookOnce(): Promise<Overview> {
    const ranges = await rangesOf(cluster, readThrough, options.log)
    if (ranges !== undefined) await summary.sumWhenDue(ranges)
    const { latest } = summary
    // The end of a payment may be among the records that have not been read yet.
    const stuckBefore = readThrough.time && new Date(readThrough.time.getTime() - options.stuckAfterMs)
    const pulse = await readPulse(database.em(), stuckBefore)
    const lags = await lagsOf(cluster, ranges)
    const samples = metrics.samples()
    const own = await readRecreated(database.em(), consumer, ranges ?? new Map())
    const { series, perSecond, stuck, stuckIds, ...rest } = pulse
    const { pending, processing, refunding } = pulse.inFlight
    const open = pending + processing + refunding
    return {
      ...rest,
      checkouts: { perSecond, series },
      stuck: stuckBefore === undefined ? null : stuck,
      parts: partsOf(samples, Date.now()),
      ...sumsOf(latest, { readThrough: readThrough.time, stuckIds, open }),
      ...servicesOf(samples),
      groups: lags.map(({ group, lag }) => ({
        group,
        lag,
        recreated: group === consumer ? own : recreatedTopics(samples, group),
      })),
    }
  }

  function look(): Promise<Overview> {
    looking ??= lookOnce().finally(() => {
      looking = undefined
    })
    return looking
  }

  async function run(): Promise<void> {
    let publishedAtMs = 0
    while (!stopping.signal.aborted) {
      if (options.isWatched() || Date.now() - publishedAtMs >= unwatchedMs) {
        await look()
          .then(options.onOverview)
          .catch((err) => options.log.warn({ err }, 'the overview cannot be computed, trying again'))
        publishedAtMs = Date.now()
      }
      await pause(watchedMs, stopping.signal)
    }
  }

  const running = run()
  return {
    look,
    async stop() {
      stopping.abort()
      await metrics.stop()
      await running
    },
  }
}

/** The offset ranges of the topics now; undefined if Kafka does not answer. */
async function rangesOf(
  cluster: Cluster,
  readThrough: ReadThrough,
  log: Logger,
): Promise<Ranges | undefined> {
  try {
    return await readThrough.look(() => cluster.ranges(sourceTopics))
  } catch (err) {
    log.debug({ err }, 'Kafka does not say where its topics end')
    return undefined
  }
}

/** The lag of each group; null if Kafka does not answer. */
async function lagsOf(cluster: Cluster, ranges: Ranges | undefined) {
  return await Promise.all(
    groups.map(async (group) => ({
      group,
      lag: ranges === undefined ? null : await cluster.lagOf(group, ranges).catch(() => null),
    })),
  )
}

/** The sums over the trail; null before the first time. */
function sumsOf(
  sum: TrailSum | undefined,
  found: Omit<Parameters<typeof booksOf>[1], 'completeSince'>,
): Pick<Overview, 'totals' | 'hops' | 'books'> {
  if (sum === undefined) return { totals: null, hops: [], books: null }
  const { books, hops, completeSince } = sum
  const { total: accepted, completed, failed } = books
  return {
    totals: { accepted, completed, failed },
    hops,
    books: booksOf(books, { ...found, completeSince }),
  }
}

/** What the services report in their metrics. */
function servicesOf(samples: readonly Sample[]): Pick<Overview, 'outbox' | 'deadLetters'> {
  return {
    outbox: services.map((service) => ({
      service,
      oldestSeconds: oldestUnpublishedSeconds(samples, service),
    })),
    deadLetters: services.map((service) => ({ service, count: deadLettersOf(samples, service) })),
  }
}

/** Every replica reports the same count for each reason, so one replica's count is enough. */
function deadLettersOf(samples: readonly Sample[], consumer: string): number | null {
  const known = samples.some(
    ({ name, labels }) => name === 'boxoffice_parked_keys' && labels.consumer === consumer,
  )
  if (!known) return null
  const byReason = new Map(
    samples
      .filter(({ name, labels }) => name === 'boxoffice_dead_letters' && labels.consumer === consumer)
      .map(({ labels, value }) => [labels.reason, value]),
  )
  return [...byReason.values()].reduce((sum, value) => sum + value, 0)
}

/** Every replica reports the same topics. */
function recreatedTopics(samples: readonly Sample[], consumer: string): string[] {
  const found = samples.filter(
    ({ name, labels, value }) =>
      name === 'boxoffice_consumer_recreated_partitions' && labels.consumer === consumer && value > 0,
  )
  return [...new Set(found.map(({ labels }) => labels.topic ?? ''))].sort()
}
