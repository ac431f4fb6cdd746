import { pause } from './pause.ts'

/** The log for a round that failed. */
export interface TimerLog {
  warn(details: object, message: string): void
}

export interface Timer {
  /** Waits for the round that is under way. */
  stop(): Promise<void>
}

/**
 * Runs `round` again and again, `intervalMs` after the end of the last one. A round that fails is logged, and the next
 * one comes.
 *
 * @param round - gets a signal that is aborted when the timer stops, so that a long round can end early
 */
export function every(
  intervalMs: number,
  name: string,
  log: TimerLog,
  round: (stopping: AbortSignal) => Promise<unknown>,
): Timer {
  const stopping = new AbortController()
  const done = (async () => {
    while (!stopping.signal.aborted) {
      await round(stopping.signal).catch((err: unknown) =>
        log.warn({ err, timer: name }, `${name} failed; it will be tried again`),
      )
      await pause(intervalMs, stopping.signal)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await done
    },
  }
}
