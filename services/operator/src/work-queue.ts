import { pause } from '@boxoffice/pacing'

export interface WorkQueue {
  /** Adds a key to be handled soon: once, however often it is added until then. */
  add(key: string): void
  /** Resolves after the signal, when the running work has ended. */
  readonly stopped: Promise<void>
}

export interface WorkQueueOptions {
  /** Handles a key. Returns the milliseconds until it is to be handled again. */
  handle(key: string): Promise<number | undefined>
  /** Called after each failure. The key is handled again, later each time. */
  onFailure(key: string, error: unknown, retryMs: number): void
  readonly signal: AbortSignal
  /** The maximum number of keys that are handled at the same time. */
  readonly concurrency?: number
  readonly retryMsMin?: number
  readonly retryMsMax?: number
}

const idleMs = 60_000

/** Handles keys, each at most once at a time, and again after failures with growing pauses. */
export function startWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { handle, onFailure, signal, concurrency = 4, retryMsMin = 250, retryMsMax = 30_000 } = options
  /** When to handle each key, by the monotonic clock. */
  const due = new Map<string, number>()
  const inHand = new Map<string, Promise<void>>()
  const failures = new Map<string, number>()
  let wake = (): void => {}

  const schedule = (key: string, at: number): void => {
    due.set(key, Math.min(at, due.get(key) ?? Number.POSITIVE_INFINITY))
    wake()
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const next = inHand.size < concurrency ? nextOf(due, inHand) : undefined
      const waitMs = next === undefined ? idleMs : next.at - performance.now()
      if (next === undefined || waitMs > 0) {
        await untilWoken(waitMs)
        continue
      }
      due.delete(next.key)
      inHand.set(next.key, work(next.key))
    }
    await Promise.all(inHand.values())
  }

  async function work(key: string): Promise<void> {
    try {
      const againMs = await handle(key)
      failures.delete(key)
      if (againMs !== undefined) schedule(key, performance.now() + againMs)
    } catch (error) {
      if (signal.aborted) return
      const failed = (failures.get(key) ?? 0) + 1
      failures.set(key, failed)
      const retryMs = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(failed - 1, 20))
      schedule(key, performance.now() + retryMs)
      onFailure(key, error, retryMs)
    } finally {
      inHand.delete(key)
      wake()
    }
  }

  async function untilWoken(ms: number): Promise<void> {
    const woken = new AbortController()
    wake = () => woken.abort()
    await pause(ms, AbortSignal.any([signal, woken.signal]))
    wake = () => {}
  }

  return { add: (key) => schedule(key, 0), stopped: run() }
}

/** The key that is due first among those that are not being handled. */
function nextOf(
  due: ReadonlyMap<string, number>,
  inHand: ReadonlyMap<string, unknown>,
): { readonly key: string; readonly at: number } | undefined {
  let found: { key: string; at: number } | undefined
  for (const [key, at] of due) {
    if (!inHand.has(key) && (found === undefined || at < found.at)) found = { key, at }
  }
  return found
}
