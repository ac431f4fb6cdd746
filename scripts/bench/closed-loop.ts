import { atOnce } from './at-once.ts'
import { type Latency, latencyOf } from './latency.ts'
import type { Spent } from './usage-meter.ts'

/** What a system did under one kind of load. */
export interface Measurement {
  readonly calls: number
  /** From the first call to the end of the last. */
  readonly seconds: number
  readonly latencyMs: Latency
  /** Until a call was answered, where that is not yet the end of what it asked for. */
  readonly answerMs?: Latency
  readonly spent: Spent
}

/** A closed loop: each caller begins its next call when it has the answer to the last. The latency is an answer's. */
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
