/** Whether this process gets on with its work, watched by /livez: one that does not is started again from outside. */
export interface Liveness {
  /** What it does not get on with; undefined while it does. */
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
