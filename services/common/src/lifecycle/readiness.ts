/** Whether this process wants traffic. The health service and /readyz report it. */
export interface Readiness {
  readonly ready: boolean
  set(ready: boolean): void
  /** Calls `listener` at each change. Returns the function that removes it. */
  onChange(listener: (ready: boolean) => void): () => void
}

/** Starts as not ready. Never becomes ready once `stopping` is aborted. */
export function createReadiness(stopping?: AbortSignal): Readiness {
  let ready = false
  const listeners = new Set<(ready: boolean) => void>()
  return {
    get ready() {
      return ready
    },
    set(next) {
      if (next === ready || (next && stopping?.aborted)) return
      ready = next
      for (const listener of listeners) listener(ready)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
