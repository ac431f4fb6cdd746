import { LRUCache } from 'lru-cache'

/** A token bucket for each key. The least recently used keys are forgotten, which refills their buckets. */
export interface RateBound {
  /** Takes `units` from the key's bucket and returns 0, or takes nothing and returns the ms until it holds enough. */
  take(key: string, units: number): number
  /** Takes `units` even if the bucket holds too few. The key waits until its debt is paid, at most a burst. */
  charge(key: string, units: number): void
  /** Returns the ms until the bucket holds `units`, 0 if it does now; takes nothing. */
  waitMs(key: string, units: number): number
}

/**
 * Stores one number for each key: when its bucket will be full again. (rate-limiter-flexible counts in fixed windows,
 * with a timer for each key and a promise for each call.)
 *
 * @param options.now - a clock in milliseconds that never goes back
 */
export function createRateBound({
  unitsPerSecond,
  burstUnits,
  keysMax = 10_000,
  now = () => performance.now(),
}: {
  readonly unitsPerSecond: number
  readonly burstUnits: number
  readonly keysMax?: number
  readonly now?: () => number
}): RateBound {
  const fullAtMs = new LRUCache<string, number>({ max: keysMax })
  const msPerUnit = 1_000 / unitsPerSecond
  const burstMs = burstUnits * msPerUnit

  const fullAfter = (key: string, units: number, at: number): number =>
    Math.max(fullAtMs.get(key) ?? at, at) + Math.min(units, burstUnits) * msPerUnit

  return {
    take(key, units) {
      const at = now()
      const full = fullAfter(key, units, at)
      const waitMs = full - at - burstMs
      if (waitMs > roundingMs) return waitMs
      fullAtMs.set(key, full)
      return 0
    },
    charge(key, units) {
      const at = now()
      fullAtMs.set(key, Math.min(fullAfter(key, units, at), at + 2 * burstMs))
    },
    waitMs(key, units) {
      const at = now()
      const waitMs = fullAfter(key, units, at) - at - burstMs
      return waitMs > roundingMs ? waitMs : 0
    },
  }
}

const roundingMs = 1e-6
