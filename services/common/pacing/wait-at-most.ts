import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until `work` is over, but no longer than `ms`: a stop is not held up by a server that does not answer. What is left
 * of it goes on by itself, and how it ends is then nobody's business.
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
