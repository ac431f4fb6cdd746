/** A promise took longer than its caller was to wait. */
class DeadlineError extends Error {
  override readonly name = 'DeadlineError'

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`)
  }
}

/**
 * Waits for a promise until the time is over or the signal is aborted, and then rejects. The promise's work goes on,
 * and its result is ignored.
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
  const timeout = setTimeout(() => giveUp(new DeadlineError(timeoutMs)), timeoutMs)
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  try {
    return await Promise.race([promise, givenUp])
  } finally {
    clearTimeout(timeout)
    signal?.removeEventListener('abort', onAbort)
  }
}
