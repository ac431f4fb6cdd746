import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import { pause } from '@boxoffice/pacing'
import type { PaymentFeed } from './payment-feed.ts'

const retryDelayMs = 500

/**
 * Reads every watched payment again, until the database answers: events may have been missed, and watchers have no
 * other source. Never throws. Ends without having read once `signal` is aborted.
 */
export async function refreshUntilRead(
  feed: Pick<PaymentFeed, 'refresh'>,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      return await feed.refresh()
    } catch (err) {
      log.warn({ err }, 'cannot read the watched payments yet, trying again')
      await pause(retryDelayMs, signal)
    }
  }
}
