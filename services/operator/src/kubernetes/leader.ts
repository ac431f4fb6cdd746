import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import { pause } from '@boxoffice/pacing'
import {
  type Lease,
  type LeaseOptions,
  mayTake,
  readLease,
  releaseLease,
  type SeenLease,
  takeLease,
} from './lease.ts'

export interface LeaderOptions extends LeaseOptions {
  readonly log: Logger
  /** Runs while this process leads; must end soon after its signal. */
  lead(signal: AbortSignal): Promise<void>
  onChange(leading: boolean): void
}

/**
 * Shares of the lease's duration: how often the leader renews, and when it gives up, counted from the beginning of its
 * last successful renewal whatever the next one does. The rest is for ending its work before another leader may begin.
 */
const renewShare = 1 / 6
const giveUpShare = 2 / 3

/**
 * Competes for the lease until `stopping`, and leads while it holds it. A leader that cannot renew stops before
 * another one may begin, and competes again. A leader that was paused may still have a request on its way: requests to
 * services have no second effect, and the API server refuses writes over an older version.
 */
export async function leadInTurn(options: LeaderOptions, stopping: AbortSignal): Promise<void> {
  const { durationMs, identity, log } = options
  const pollMs = durationMs * renewShare
  let seen: SeenLease | undefined
  while (!stopping.aborted) {
    try {
      seen = await readLease(options, seen, () => performance.now(), deadline(pollMs * 2, stopping))
      const takenAt = performance.now()
      const lease =
        mayTake(seen, options, performance.now()) &&
        (await takeLease(options, seen, deadline(pollMs * 2, stopping)))
      if (lease) {
        log.info({ identity }, 'leading')
        await holdAndLead(options, lease, takenAt, stopping)
        seen = undefined
        continue
      }
    } catch (error) {
      if (!stopping.aborted) log.warn({ err: error }, 'cannot compete for the lease, trying again')
    }
    await pause(pollMs * (0.8 + Math.random() * 0.4), stopping)
  }
}

async function holdAndLead(
  options: LeaderOptions,
  taken: Lease,
  takenAt: number,
  stopping: AbortSignal,
): Promise<void> {
  const { lead, onChange, log } = options
  const leading = new AbortController()
  onChange(true)
  const running = lead(leading.signal).catch((err) => {
    log.error({ err }, 'leading ended with an error')
    leading.abort()
  })
  const lease = await holdLease(options, taken, takenAt, AbortSignal.any([stopping, leading.signal]))
  leading.abort()
  await running
  onChange(false)
  if (lease === undefined) return log.warn('another one may lead now')
  await releaseLease(options, lease).catch((err) => log.warn({ err }, 'the lease was not released'))
}

/**
 * Renews the lease until the signal, and returns it; undefined if it was lost or not renewed in time.
 *
 * @param takenAt - when `taken` was requested, by the monotonic clock
 */
async function holdLease(
  options: LeaderOptions,
  taken: Lease,
  takenAt: number,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  const { durationMs, identity, log } = options
  const renewMs = durationMs * renewShare
  let lease = taken
  let renewedAt = takenAt
  const leftMs = (): number => Math.max(0, renewedAt + durationMs * giveUpShare - performance.now())
  /** A call may take as long as its result is useful, and no longer than the lease lasts. */
  const inTime = () => deadline(Math.min(renewMs * 2, leftMs()), signal)
  while (!signal.aborted) {
    await pause(Math.min(renewMs, leftMs()), signal)
    if (signal.aborted) break
    if (leftMs() === 0) return undefined
    try {
      const startedAt = performance.now()
      const renewed = await takeLease(options, { lease, sinceMs: 0 }, inTime())
      if (renewed) {
        lease = renewed
        renewedAt = startedAt
        continue
      }
      // If the answer to a renewal was lost, the next renewal conflicts with that one.
      const { lease: now } = await readLease(options, undefined, () => 0, inTime())
      if (now?.spec.holderIdentity !== identity) return undefined
      lease = now
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'the lease was not renewed, trying again')
    }
  }
  return lease
}

function deadline(ms: number, signal: AbortSignal): { signal: AbortSignal } {
  return { signal: AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(ms))]) }
}
