import { setTimeout as sleep } from 'node:timers/promises'
import type { BrokerMetrics } from './broker-metrics.ts'
import { buy, type CheckoutClient } from './buy.ts'
import { type Measurement, runClosedLoop } from './closed-loop.ts'
import { latencyOf } from './latency.ts'
import type { Buyer } from './prepare.ts'
import type { MeasuredProcess } from './system-under-test.ts'
import { type Spent, startMeter } from './usage-meter.ts'

const idleMs = 10_000

/** Measures the resources that each process uses without load. */
export async function measureIdle(
  processes: readonly MeasuredProcess[],
  brokers: BrokerMetrics | undefined,
  signal: AbortSignal,
): Promise<Spent> {
  const stop = await startMeter(processes, brokers)
  await sleep(idleMs, undefined, { signal })
  return await stop()
}

export interface Load {
  readonly client: CheckoutClient
  readonly processes: readonly MeasuredProcess[]
  /** The brokers whose metrics are read, if any. */
  readonly brokers?: BrokerMetrics | undefined
  readonly buyers: readonly Buyer[]
  readonly signal: AbortSignal
}

/**
 * Runs an open loop: each checkout begins at its due time, whether earlier ones are done or not. Its latency counts
 * from the due time, so that a stalled system cannot slow down the measurement.
 */
export async function measureRate(load: Load, rate: number): Promise<Measurement> {
  const { client, processes, brokers, buyers, signal } = load
  const stop = await startMeter(processes, brokers)
  const startAt = performance.now() + 100
  const times = await Promise.all(
    buyers.map(async (buyer, index) => {
      const dueAt = startAt + (index * 1000) / rate
      await sleep(dueAt - performance.now(), undefined, { signal })
      await buy(client, buyer, signal)
      return performance.now() - dueAt
    }),
  )
  const seconds = (performance.now() - startAt) / 1000
  return { calls: buyers.length, seconds, latencyMs: latencyOf(times), spent: await stop() }
}

/** Runs a closed loop: each caller begins its next checkout when its last one is COMPLETED. */
export async function measureFull(load: Load, callers: number): Promise<Measurement> {
  const { client, processes, brokers, buyers, signal } = load
  const stop = await startMeter(processes, brokers)
  const loop = await runClosedLoop(callers, buyers, (buyer) => buy(client, buyer, signal))
  return { ...loop, spent: await stop() }
}
