/** Whether this process wants traffic, watched by the health service and /readyz. */
export interface Readiness {
  readonly ready: boolean
  set(ready: boolean): void
  /** Calls `listener` at each change; returns what takes it away again. */
  onChange(listener: (ready: boolean) => void): () => void
}

/** Starts as not ready. */
export function createReadiness(): Readiness {
  let ready = false
  const listeners = new Set<(ready: boolean) => void>()
  return {
    get ready() {
      return ready
    },
    set(next) {
      if (next === ready) return
      ready = next
      for (const listener of listeners) listener(ready)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
