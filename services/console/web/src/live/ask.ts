export interface Asking {
  /** What has been answered may be old: asks again, at once or when the present request has ended. */
  again(): void
  /** Asks again unless a request is under way, whose answer is new enough. */
  tick(): void
  /** Nobody waits for the answer any more. */
  stop(): void
}

/**
 * Asks at once, and then whenever it is told to, one request at a time: where answers take longer than it takes until
 * somebody asks again, each still comes.
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

  function end(tell: () => void): void {
    asking = false
    if (signal.aborted) return
    tell()
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
