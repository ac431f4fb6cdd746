import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for `ms`, or until `signal` is aborted: the loop around it checks the signal, and ends. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {
    // Only the signal ends it early.
  })
}
