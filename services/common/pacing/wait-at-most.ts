import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until `work` is over, but no longer than `ms`: a server that does not answer must not hold up a stop. After
 * that `work` goes on by itself, and its result or error is ignored.
 *
 * @returns whether it was over in time
 * @throws what `work` throws in time
 */
export async function waitAtMost(ms: number, work: Promise<unknown>): Promise<boolean> {
  const over = new AbortController()
  const late = sleep(ms, false, { signal: over.signal }).catch(() => false)
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    over.abort()
  }
}
