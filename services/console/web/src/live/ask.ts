export interface Asking {
  /** Asks again because the last answer may be old: at once, or when the present request has ended. */
  again(): void
  /** Asks again unless a request is in progress, whose answer is new enough. */
  tick(): void
  /** Aborts the request: the answer is no longer needed. */
  stop(): void
}

/**
 * Asks at once, and then again on each call, one request at a time. So every request gets its answer, even if calls
 * come faster than answers.
 */
export function ask<Answer>(options: {
  get(signal: AbortSignal): Promise<Answer>
  onAnswer(answer: Answer): void
  onError(error: unknown): void
}): Asking {
  const leaving = new AbortController()
  const { signal } = leaving
  let asking = false
  let once = false

  function start(): void {
    asking = true
    once = false
    options.get(signal).then(
      (answer) => end(() => options.onAnswer(answer)),
      (error) => end(() => options.onError(error)),
    )
  }

  function end(pass: () => void): void {
    asking = false
    if (signal.aborted) return
    pass()
    if (once) start()
  }

  start()
  return {
    again() {
      if (asking) once = true
      else if (!signal.aborted) start()
    },
    tick() {
      if (!asking && !signal.aborted) start()
    },
    stop: () => leaving.abort(),
  }
}
