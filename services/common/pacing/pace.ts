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
  /** Records that a round begins with this number of items. */
  begin(items: number): void
  /** Records that the round has done its work. */
  end(): void
  /** The milliseconds until the next round should begin: 0 after a round with few items, or as fast as usual. */
  restMs(): number
}

/**
 * A round costs about the same whatever its size: a transaction, a request to every broker. While rounds are as fast
 * as usual, the next one begins at once. A slow round shows that this machine, or the server that it works with, is
 * busy. Then the next round waits: the longer, the more the slow one carried.
 */
export function createPace({ itemsFree = 1, itemMs, roundMsMax }: PaceLimits): Pace {
  let carried = 0
  let beganAt = 0
  let nextAt = 0
  let fastestMs = Number.POSITIVE_INFINITY
  return {
    begin(items) {
      carried = items
      beganAt = performance.now()
    },
    end() {
      const tookMs = performance.now() - beganAt
      fastestMs = Math.min(fastestMs, tookMs)
      const isSlow = tookMs > slowFactor * fastestMs
      nextAt = isSlow ? beganAt + Math.min(roundMsMax, (carried - itemsFree) * itemMs) : 0
    },
    restMs() {
      const leftMs = nextAt - performance.now()
      // Timers tick in milliseconds: a shorter rest would be a longer one.
      return leftMs < 1 ? 0 : leftMs
    },
  }
}

/** A round is slow if it takes more than this many times as long as the fastest one did. */
const slowFactor = 3
