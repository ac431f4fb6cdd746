/** The calls in flight, so that a server can stop when the last one has been answered. */
export interface CallTracker {
  /** Aborted when the server begins to stop. */
  readonly draining: AbortSignal
  begin(): void
  end(): void
  /** Begins the stop; returns when no call is in flight, or when the deadline has passed. */
  drain(deadlineMs: number): Promise<void>
}

export function createCallTracker(): CallTracker {
  const draining = new AbortController()
  let inFlight = 0
  let onIdle: (() => void) | undefined
  return {
    draining: draining.signal,
    begin() {
      inFlight += 1
    },
    end() {
      inFlight -= 1
      if (inFlight === 0) onIdle?.()
    },
    async drain(deadlineMs) {
      draining.abort()
      if (inFlight === 0) return
      await new Promise<void>((resolve) => {
        const deadline = setTimeout(resolve, deadlineMs)
        onIdle = () => {
          clearTimeout(deadline)
          resolve()
        }
      })
    },
  }
}
