export interface PaceLimits {
  /** The number of items of a round that earn no rest; 1 by default. */
  readonly itemsFree?: number
  /** The rest that each further item of a round earns, in milliseconds. */
  readonly itemMs: number
  /** The most time from the beginning of a round to that of the next, in milliseconds. */
  readonly roundMsMax: number
}

/** Lets a busy loop rest after a round that carried much, so that the next round carries more. */
export interface Pace {
  /** Records that a round begins. */
  begin(): void
  /** Records that the round has carried this number of items. A round that failed, or carried none, does not count. */
  end(items: number): void
  /** The milliseconds until the next round should begin: 0 after a round with few items, and after a fast one. */
  restMs(): number
}

/**
 * A round costs about the same whatever its size: a transaction, a request to every broker. While rounds take about as
 * long as the fastest one, the next begins at once. A slow round shows that this machine, or the server that it works
 * with, is busy. Then the next round waits: the longer, the more the slow one carried.
 *
 * @param now - a clock in milliseconds
 */
export function createPace(
  { itemsFree = 1, itemMs, roundMsMax }: PaceLimits,
  now: () => number = () => performance.now(),
): Pace {
  let beganAt = 0
  let nextAt = 0
  let fastestMs = Number.POSITIVE_INFINITY
  return {
    begin() {
      beganAt = now()
    },
    end(items) {
      if (items === 0) return
      const tookMs = now() - beganAt
      fastestMs = Math.min(fastestMs, tookMs)
      const isSlow = tookMs > slowFactor * fastestMs
      nextAt = isSlow ? beganAt + Math.min(roundMsMax, (items - itemsFree) * itemMs) : 0
    },
    restMs() {
      const leftMs = nextAt - now()
      // Timers tick in milliseconds: a shorter rest would be a longer one.
      return leftMs < 1 ? 0 : leftMs
    },
  }
}

/** A round is slow if it takes more than this many times as long as the fastest one did. */
const slowFactor = 3
