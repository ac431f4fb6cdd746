import { setTimeout as sleep } from 'node:timers/promises'
import { Code, RemoteError } from '../status/errors.ts'

/**
 * Retries a call that the server did not admit: RESOURCE_EXHAUSTED with RetryInfo, which says when to come back.
 * Nothing of such a call was done, so a call that changes something may be retried too. Pauses grow, and differ
 * between callers.
 *
 * @param attempt - makes the call, which may take this many ms
 * @throws the error of the last attempt, if no retries are left or the deadline would pass before the next one
 */
export async function retryRefused<T>(
  attempt: (leftMs: number) => Promise<T>,
  options: {
    readonly deadlineMs: number
    readonly signal?: AbortSignal
    readonly retries?: number
    readonly random?: () => number
  },
): Promise<T> {
  const { deadlineMs, signal, retries = retriesMax, random = Math.random } = options
  const endsAt = performance.now() + deadlineMs
  for (let nth = 0; ; nth++) {
    const leftMs = nth === 0 ? deadlineMs : endsAt - performance.now()
    try {
      return await attempt(leftMs)
    } catch (error) {
      const pauseMs = pauseAfter(error, nth, random)
      if (pauseMs === undefined || nth >= retries || performance.now() + pauseMs >= endsAt) throw error
      await sleep(pauseMs, undefined, signal === undefined ? {} : { signal })
    }
  }
}

const retriesMax = 4

function pauseAfter(error: unknown, nth: number, random: () => number): number | undefined {
  if (!(error instanceof RemoteError) || error.code !== Code.RESOURCE_EXHAUSTED) return undefined
  if (error.retryAfterMs === undefined) return undefined
  return Math.max(error.retryAfterMs, 50) * 2 ** nth * (1 + random())
}
