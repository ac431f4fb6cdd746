import { setTimeout as sleep } from 'node:timers/promises'
import { atOnce } from './at-once.ts'
import { buy, type CheckoutClient } from './buy.ts'
import { type Latency, latencyOf } from './latency.ts'
import type { Buyer } from './prepare.ts'
import type { MeasuredProcess } from './system-under-test.ts'
import { type Spent, startMeter } from './usage-meter.ts'

const idleMs = 10_000

/** What each process uses while nothing happens. */
export async function measureIdle(
  processes: readonly MeasuredProcess[],
  signal: AbortSignal,
): Promise<Spent> {
  const stop = await startMeter(processes)
  await sleep(idleMs, undefined, { signal })
  return await stop()
}

export interface Load {
  readonly client: CheckoutClient
  readonly processes: readonly MeasuredProcess[]
  readonly buyers: readonly Buyer[]
  readonly signal: AbortSignal
}

/**
 * An open loop: each checkout begins at its time, whether the ones before it are done or not, and its latency counts from
 * that time on, so that a system that stalls cannot slow down the measurement.
 */
export async function measureRate(load: Load, rate: number): Promise<{ latencyMs: Latency; spent: Spent }> {
  const { client, processes, buyers, signal } = load
  const stop = await startMeter(processes)
  const startAt = performance.now() + 100
  const times = await Promise.all(
    buyers.map(async (buyer, index) => {
      const dueAt = startAt + (index * 1000) / rate
      await sleep(dueAt - performance.now(), undefined, { signal })
      await buy(client, buyer, signal)
      return performance.now() - dueAt
    }),
  )
  return { latencyMs: latencyOf(times), spent: await stop() }
}

/** A closed loop: each caller begins its next checkout when it has the answer to the last. */
export async function measureFull(
  load: Load,
  callers: number,
): Promise<{ seconds: number; latencyMs: Latency; spent: Spent }> {
  const { client, processes, buyers, signal } = load
  const stop = await startMeter(processes)
  const startedAt = performance.now()
  const times: number[] = []
  await atOnce(callers, buyers, async (buyer) => {
    const beganAt = performance.now()
    await buy(client, buyer, signal)
    times.push(performance.now() - beganAt)
  })
  const seconds = (performance.now() - startedAt) / 1000
  return { seconds, latencyMs: latencyOf(times), spent: await stop() }
}
