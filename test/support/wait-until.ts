import { setTimeout as sleep } from 'node:timers/promises'

/** Polls until `condition` resolves to a value other than false and undefined, and returns that value. */
export async function waitUntil<T>(
  what: string,
  condition: () => Promise<T | false | undefined>,
  { deadlineMs = 30_000, pollMs = 50 } = {},
): Promise<T> {
  const deadline = Date.now() + deadlineMs
  while (true) {
    const found = await condition()
    if (found !== false && found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`${what}: not within ${deadlineMs} ms`)
    await sleep(pollMs)
  }
}
