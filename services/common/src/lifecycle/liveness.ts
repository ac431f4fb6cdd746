/** Whether this process makes progress. /livez reports it, and the kubelet restarts a process that does not. */
export interface Liveness {
  /** What makes no progress; undefined if all does. */
  readonly fault: string | undefined
  set(fault: string | undefined): void
}

export function createLiveness(): Liveness {
  let fault: string | undefined
  return {
    get fault() {
      return fault
    },
    set(next) {
      fault = next
    },
  }
}
