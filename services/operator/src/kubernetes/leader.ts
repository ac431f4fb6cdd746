import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
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

/** Of the lease's duration: how often it is renewed, and after how long without a renewal a leader gives up. */
const renewShare = 1 / 6
const giveUpShare = 2 / 3

/**
 * Competes for the lease until `stopping`, and leads while it holds it. A leader that cannot renew stops before another one
 * may begin, and competes again. One that is paused in between may still have a request on its way: what it asks of others
 * has no second effect, and what it writes is refused when it has seen an older version.
 */
export async function leadInTurn(options: LeaderOptions, stopping: AbortSignal): Promise<void> {
  const { durationMs, identity, log } = options
  const pollMs = durationMs * renewShare
  let seen: SeenLease | undefined
  while (!stopping.aborted) {
    try {
      seen = await readLease(options, seen, performance.now(), deadline(pollMs * 2, stopping))
      const lease =
        mayTake(seen, options, performance.now()) &&
        (await takeLease(options, seen, deadline(pollMs * 2, stopping)))
      if (lease) {
        log.info({ identity }, 'leading')
        await holdAndLead(options, lease, stopping)
        seen = undefined
        continue
      }
    } catch (error) {
      if (!stopping.aborted) log.warn({ err: error }, 'cannot compete for the lease, trying again')
    }
    await pause(pollMs * (0.8 + Math.random() * 0.4), stopping)
  }
}

async function holdAndLead(options: LeaderOptions, taken: Lease, stopping: AbortSignal): Promise<void> {
  const { lead, onChange, log } = options
  const leading = new AbortController()
  onChange(true)
  const running = lead(leading.signal).catch((err) => {
    log.error({ err }, 'leading ended with an error')
    leading.abort()
  })
  const lease = await holdLease(options, taken, AbortSignal.any([stopping, leading.signal]))
  leading.abort()
  await running
  onChange(false)
  if (lease === undefined) return log.warn('another one may lead now')
  await releaseLease(options, lease).catch((err) => log.warn({ err }, 'the lease was not released'))
}

/** Renews until the signal, and returns the lease; undefined if it was lost. */
async function holdLease(
  options: LeaderOptions,
  taken: Lease,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  const { durationMs, identity, log } = options
  const renewMs = durationMs * renewShare
  let lease = taken
  let renewedAt = performance.now()
  while (!signal.aborted) {
    await pause(renewMs, signal)
    if (signal.aborted) break
    if (performance.now() - renewedAt > durationMs * giveUpShare) return undefined
    try {
      const startedAt = performance.now()
      const renewed = await takeLease(options, { lease, sinceMs: 0 }, deadline(renewMs * 2, signal))
      if (renewed) {
        lease = renewed
        renewedAt = startedAt
        continue
      }
      // A renewal whose answer was lost makes the next one a conflict with oneself.
      const { lease: now } = await readLease(options, undefined, 0, deadline(renewMs * 2, signal))
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

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {
    // Whoever aborted it ends the loop.
  })
}
