import { LRUCache } from 'lru-cache'

/** A token bucket for each key. The least recently used keys are forgotten, which fills their buckets. */
export interface RateBound {
  /** Takes `units` from the key's bucket; returns 0, or if it holds too few, in how many ms it will hold enough. */
  take(key: string, units: number): number
  /** Takes `units` also if the bucket holds too few. The key waits until its debt is paid, which is a burst at most. */
  charge(key: string, units: number): void
  /** In how many ms the bucket will hold `units`, 0 if it does now; takes nothing. */
  waitMs(key: string, units: number): number
}

/**
 * One number a key: when its bucket will be full again. (rate-limiter-flexible counts in fixed windows, with a timer for each
 * key and a promise for each call.)
 *
 * @param options.now - milliseconds, never set back
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
