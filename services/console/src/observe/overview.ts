import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import { pause } from '@boxoffice/pacing'
import type { Hop, Overview } from '../contract/answers.ts'
import { sourceTopics } from '../contract/schemas.ts'
import { type CompleteSince, readCompleteSince } from '../storage/complete-since.ts'
import { judgePayments } from '../storage/judge-payments.ts'
import type { Ranges } from '../storage/ranges.ts'
import { readTrailBooks, type TrailBooks } from '../storage/read-books.ts'
import { readHops } from '../storage/read-hops.ts'
import { readPulse } from '../storage/read-pulse.ts'
import { readRecreated } from '../storage/read-recreated.ts'
import { booksOf } from './books.ts'
import { createHopParts } from './hop-parts.ts'
import { oldestUnpublishedSeconds } from './oldest-unpublished.ts'
import type { Cluster } from './read-cluster.ts'
import type { Sample } from './read-metrics.ts'
import { createReadThrough } from './read-through.ts'
import { watchMetrics } from './watch-metrics.ts'

export interface OverviewOptions {
  readonly consumer: string
  readonly database: Database
  readonly cluster: Cluster
  readonly metricsTargets: readonly string[]
  readonly stuckAfterMs: number
  readonly log: Logger
  /** Whether somebody looks; otherwise it is enough to look now and then. */
  isWatched(): boolean
  onOverview(overview: Overview): void
}

const watchedMs = 1_000
const unwatchedMs = 10_000
/** What is summed over the whole trail is read less often. */
const slowMs = 3_000
/** Each process is asked once in so many milliseconds while somebody looks, and otherwise. */
const metricsMs = { watched: 5_000, unwatched: 30_000 }
const groups = ['payment', 'point', 'reservation', 'console']
const services = ['payment', 'point', 'reservation']
/** Wallets are told of in several partitions, which one send may reach one after the other. */
const walletMarginMs = 2_000

/** What is read less often. */
interface Slow {
  readonly books: TrailBooks
  readonly hops: readonly Hop[]
  readonly completeSince: CompleteSince
}

/** Looks again and again how things stand, judges what can be judged, and tells of it. */
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
  let slow: Slow | undefined
  let slowAtMs = 0
  let looking: Promise<Overview> | undefined

  async function lookOnce(): Promise<Overview> {
    const ranges = await readThrough
      .look(() => cluster.ranges(sourceTopics))
      .catch((err) => {
        options.log.debug({ err }, 'Kafka does not say where its topics end')
        return undefined
      })
    if (ranges !== undefined && Date.now() >= slowAtMs) {
      const startedAt = Date.now()
      // What was summed last is better than nothing, and what happens now is told all the same.
      slow = await lookSlowly(ranges).catch((err) => {
        options.log.warn({ err }, 'the trail cannot be summed, trying again')
        return slow
      })
      // A long trail is summed less often.
      slowAtMs = Date.now() + Math.max(slowMs, 20 * (Date.now() - startedAt))
    }
    // What has not been read may be the end of a payment.
    const stuckBefore = readThrough.time && new Date(readThrough.time.getTime() - options.stuckAfterMs)
    const pulse = await readPulse(database.em(), stuckBefore)
    const lags = await Promise.all(
      groups.map(async (group) => ({
        group,
        lag: ranges === undefined ? null : await cluster.lagOf(group, ranges).catch(() => null),
      })),
    )
    const samples = metrics.samples()
    const own = await readRecreated(database.em(), consumer, ranges ?? new Map())
    const { series, perSecond, stuck, stuckIds, ...rest } = pulse
    return {
      ...rest,
      checkouts: { perSecond, series },
      totals: slow === undefined ? null : totalsOf(slow.books),
      stuck: stuckBefore === undefined ? null : stuck,
      parts: partsOf(samples, Date.now()),
      hops: slow?.hops ?? [],
      outbox: services.map((service) => ({
        service,
        oldestSeconds: oldestUnpublishedSeconds(samples, service),
      })),
      groups: lags.map((one) => ({
        ...one,
        recreated: one.group === consumer ? own : recreatedTopics(samples, one.group),
      })),
      deadLetters: services.map((service) => ({ service, count: deadLettersOf(samples, service) })),
      books:
        slow === undefined
          ? null
          : booksOf(slow.books, {
              readThrough: readThrough.time,
              completeSince: slow.completeSince,
              stuckIds,
              open: pulse.inFlight.pending + pulse.inFlight.processing + pulse.inFlight.refunding,
            }),
    }
  }

  async function lookSlowly(ranges: Ranges): Promise<Slow> {
    const completeSince = await readCompleteSince(database.em(), ranges)
    const through = readThrough.time
    if (through !== undefined) {
      while ((await judgePayments(database, through, completeSince)) > 0 && !stopping.signal.aborted);
    }
    const settled = through && new Date(through.getTime() - walletMarginMs)
    const [books, hops] = await Promise.all([
      readTrailBooks(database.em(), completeSince, settled),
      readHops(database.em()),
    ])
    return { books, hops, completeSince }
  }

  function look(): Promise<Overview> {
    looking ??= lookOnce().finally(() => {
      looking = undefined
    })
    return looking
  }

  async function run(): Promise<void> {
    let toldAtMs = 0
    while (!stopping.signal.aborted) {
      if (options.isWatched() || Date.now() - toldAtMs >= unwatchedMs) {
        await look()
          .then(options.onOverview)
          .catch((err) => options.log.warn({ err }, 'cannot see how things stand, trying again'))
        toldAtMs = Date.now()
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

/** Every replica shows the same count, by reason. */
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

/** Every replica shows the same. */
function recreatedTopics(samples: readonly Sample[], consumer: string): string[] {
  const found = samples.filter(
    ({ name, labels, value }) =>
      name === 'boxoffice_consumer_recreated_partitions' && labels.consumer === consumer && value > 0,
  )
  return [...new Set(found.map(({ labels }) => labels.topic ?? ''))].sort()
}

function totalsOf({ total, completed, failed }: TrailBooks): Overview['totals'] {
  return { accepted: total, completed, failed }
}
