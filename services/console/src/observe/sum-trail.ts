import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { Hop } from '../contract/answers.ts'
import { type CompleteSince, readCompleteSince } from '../storage/complete-since.ts'
import { judgePayments } from '../storage/judge-payments.ts'
import type { Ranges } from '../storage/ranges.ts'
import { readTrailBooks, type TrailBooks } from '../storage/read-books.ts'
import { readHops } from '../storage/read-hops.ts'

/** The sums over the whole trail. */
export interface TrailSum {
  readonly books: TrailBooks
  readonly hops: readonly Hop[]
  readonly completeSince: CompleteSince
}

export interface TrailSummary {
  /** The latest sums; undefined before the first time. */
  readonly latest: TrailSum | undefined
  /** Sums the trail if it is time to. If that fails, the latest sums stay. */
  sumWhenDue(ranges: Ranges): Promise<void>
}

const intervalMs = 3_000
/** A long trail is summed less often: the pause is this many times as long as the last sum took. */
const restFactor = 20
/** The events of a wallet are in several partitions, which one send may reach one after the other. */
const walletMarginMs = 2_000

/** Sums the trail from time to time. */
export function createTrailSummary({
  database,
  through,
  log,
  stopping,
}: {
  readonly database: Database
  /** The time up to which the trail has been read. */
  through(): Date | undefined
  readonly log: Logger
  readonly stopping: AbortSignal
}): TrailSummary {
  let latest: TrailSum | undefined
  let dueAtMs = 0

  async function sum(ranges: Ranges): Promise<TrailSum> {
    const completeSince = await readCompleteSince(database.em(), ranges)
    const time = through()
    if (time !== undefined) {
      while ((await judgePayments(database, time, completeSince)) > 0 && !stopping.aborted);
    }
    const settled = time && new Date(time.getTime() - walletMarginMs)
    const [books, hops] = await Promise.all([
      readTrailBooks(database.em(), completeSince, settled),
      readHops(database.em()),
    ])
    return { books, hops, completeSince }
  }

  return {
    get latest() {
      return latest
    },
    async sumWhenDue(ranges) {
      if (Date.now() < dueAtMs) return
      const startedAt = Date.now()
      try {
        latest = await sum(ranges)
      } catch (err) {
        log.warn({ err }, 'the trail cannot be summed, trying again')
      }
      dueAtMs = Date.now() + Math.max(intervalMs, restFactor * (Date.now() - startedAt))
    },
  }
}
