import { atOnce } from './at-once.ts'
import { type Latency, latencyOf } from './latency.ts'
import type { Spent } from './usage-meter.ts'

/** The result of one kind of load on a system. */
export interface Measurement {
  readonly calls: number
  /** From the first call to the end of the last. */
  readonly seconds: number
  readonly latencyMs: Latency
  /** The latency of the answers, if an answer comes before the end of the work. */
  readonly answerMs?: Latency
  readonly spent: Spent
}

/**
 * Runs a closed loop: each caller begins its next call after the answer to its last one. Latencies are those of the
 * answers.
 */
export async function runClosedLoop<Item>(
  callers: number,
  items: readonly Item[],
  call: (item: Item, index: number) => Promise<void>,
): Promise<Omit<Measurement, 'spent'>> {
  const startedAt = performance.now()
  const times: number[] = []
  await atOnce(callers, items, async (item, index) => {
    const beganAt = performance.now()
    await call(item, index)
    times.push(performance.now() - beganAt)
  })
  const seconds = (performance.now() - startedAt) / 1000
  return { calls: items.length, seconds, latencyMs: latencyOf(times) }
}
