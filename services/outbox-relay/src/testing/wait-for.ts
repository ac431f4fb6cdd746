import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until `condition` gives something true, and returns it. @throws Error naming `what` after the deadline */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs = 20_000,
): Promise<NonNullable<T>> {
  const until = performance.now() + deadlineMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (performance.now() > until) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`)
    await sleep(20)
  }
}
