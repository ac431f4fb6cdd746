import { pause } from '@boxoffice/pacing'
import type { PaymentFeed } from './payment-feed.ts'

/** How long the tail waits between two fetches. */
export interface TailRest {
  /** Counts a record of a watched payment; `isNews` if a watcher did not know it yet. */
  count(isNews: boolean): void
  wait(stopping: AbortSignal): Promise<void>
}

/** Delays other replicas' commits for watchers by this much; at full load that saves half of the fetches. */
const restMs = 60

/** What a replica that commits every watched payment itself waits: it knows them before the tail reads them. */
const longRestMs = 480

/** Twenty checkouts, which two replicas share: one of them commits all twenty about once in a million. */
const knownRecordsMax = 60

/**
 * The fetches of a tail cost the brokers more than all other work for a watcher, so the tail waits the longer the less it
 * brings: without watchers until there is one, and longer while this replica's watchers know every record already.
 */
export function createTailRest(feed: Pick<PaymentFeed, 'untilWatched'>): TailRest {
  let knownRecords = 0
  return {
    count(isNews) {
      knownRecords = isNews ? 0 : knownRecords + 1
    },
    async wait(stopping) {
      await feed.untilWatched(longRestMs, stopping)
      await pause(knownRecords < knownRecordsMax ? restMs : longRestMs, stopping)
    },
  }
}
