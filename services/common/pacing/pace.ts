import { pause } from './pause.ts'

export interface PaceLimits {
  /** The number of items of a round that earn no rest; 1 by default. */
  readonly itemsFree?: number
  /** The rest that each further item of a round earns, in milliseconds. */
  readonly itemMs: number
  /** The most time from the beginning of a round to that of the next, in milliseconds. */
  readonly roundMsMax: number
}

/** Lets a loop rest after a round that carried much, so that the next round carries more. */
export interface Pace {
  /** Records that a round begins with this number of items. */
  begin(items: number): void
  /** Waits until the next round may begin: not at all after a round with few items. */
  rest(signal?: AbortSignal): Promise<void>
}

/**
 * A round costs about the same whatever its size: a transaction, a request to every broker. At low load each item is
 * taken at once. The more a round carried, the longer the next one gathers.
 */
export function createPace({ itemsFree = 1, itemMs, roundMsMax }: PaceLimits): Pace {
  let nextAt = 0
  return {
    begin(items) {
      nextAt = performance.now() + Math.min(roundMsMax, (items - itemsFree) * itemMs)
    },
    async rest(signal) {
      const restMs = nextAt - performance.now()
      // Timers tick in milliseconds: a shorter rest would be a longer one.
      if (restMs < 1) return
      await pause(restMs, signal)
    },
  }
}
