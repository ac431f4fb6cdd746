/**
 * Waits for a promise until the time is over or the signal is aborted, then rejects. What the promise stands for goes on;
 * how it ends is then nobody's business.
 */
export async function withDeadline<T>(
  promise: Promise<T>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<T> {
  let giveUp = (_error: unknown): void => {}
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  const onAbort = (): void => giveUp(signal?.reason)
  const timeout = setTimeout(() => giveUp(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  try {
    return await Promise.race([promise, givenUp])
  } finally {
    clearTimeout(timeout)
    signal?.removeEventListener('abort', onAbort)
  }
}
