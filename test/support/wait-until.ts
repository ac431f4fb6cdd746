import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again until `condition` gives something that is neither false nor undefined, and returns it. */
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
