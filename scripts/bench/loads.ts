import type { Progress } from '../start/progress.ts'
import { atOnce } from './at-once.ts'
import type { BrokerMetrics } from './broker-metrics.ts'
import { measureBurst } from './burst.ts'
import { buy, type CheckoutClient, openCheckout } from './buy.ts'
import { type PreparedCalls, prepareCharges, prepareHolds, prepareRush, rushCallers } from './calls.ts'
import { type Measurement, runClosedLoop } from './closed-loop.ts'
import { type BenchOptions, type LoadName, loadNames } from './options.ts'
import { type Buyer, prepareBuyers } from './prepare.ts'
import { measureFull, measureRate } from './scenarios.ts'
import type { SystemUnderTest } from './system-under-test.ts'
import { startMeter } from './usage-meter.ts'
import { usersFor } from './users.ts'

/** Checkouts before the measurement, which let new processes compile their code and fill their caches. */
export const warmUp = { checkouts: 500, callers: 32 }

export interface LoadRun {
  readonly system: SystemUnderTest
  readonly options: BenchOptions
  readonly brokers: BrokerMetrics | undefined
  readonly progress: Progress
  readonly signal: AbortSignal
  /** Before the first scenario. */
  readonly warmUp: typeof warmUp
  /** Waits until everything that was committed is published. */
  atRest(): Promise<void>
  /** Runs one scenario with its progress and its profile. */
  run(name: string, measure: () => Promise<Measurement>): Promise<Measurement>
}

/** The buyers of each scenario that buys. */
type Buyers = Readonly<Record<'rate' | 'full' | 'burst', readonly Buyer[]>>

/** Runs the chosen scenarios, after all buyers are prepared and everything is warm. */
export async function measureLoads(loadRun: LoadRun): Promise<Partial<Record<LoadName, Measurement>>> {
  const chosen = loadNames.filter((name) => loadRun.options.scenarios.includes(name))
  const measured: Partial<Record<LoadName, Measurement>> = {}
  if (chosen.length === 0) return measured
  const client = openCheckout(loadRun.system)
  try {
    const buyers = await prepareLoads(loadRun, client)
    for (const name of chosen) measured[name] = await measureLoad(name, loadRun, client, buyers)
    return measured
  } finally {
    client.close()
  }
}

async function measureLoad(
  name: LoadName,
  loadRun: LoadRun,
  client: CheckoutClient,
  buyers: Buyers,
): Promise<Measurement> {
  const { system, brokers, signal, run } = loadRun
  const { rate, callers, checkouts } = loadRun.options
  const load = { client, processes: system.processes, brokers, signal }
  switch (name) {
    case 'rate':
      return await run(name, () => measureRate({ ...load, buyers: buyers.rate }, rate))
    case 'full':
      return await run(name, () => measureFull({ ...load, buyers: buyers.full }, callers))
    case 'burst': {
      const { databaseUrl } = system.addresses.services.payment
      return await run(name, () => measureBurst({ ...load, buyers: buyers.burst }, callers, databaseUrl))
    }
    case 'holds':
      return await measureCalls(name, loadRun, callers, await prepareHolds(system, checkouts, signal))
    case 'rush':
      return await measureCalls(name, loadRun, rushCallers, await prepareRush(system, signal))
    case 'charges':
      return await measureCalls(name, loadRun, callers, await prepareCharges(system, checkouts, signal))
  }
}

/**
 * Measures calls. The CPU is counted until everything that they committed is published; the time ends with the last
 * answer.
 */
async function measureCalls(
  name: LoadName,
  { system, options, brokers, atRest, run }: LoadRun,
  callers: number,
  calls: PreparedCalls,
): Promise<Measurement> {
  try {
    return await run(name, async () => {
      const stop = await startMeter(system.processes, brokers)
      const numbers = Array.from({ length: options.checkouts }, (_, index) => index)
      const loop = await runClosedLoop(callers, numbers, (index) => calls.make(index))
      await atRest()
      calls.check()
      return { ...loop, spent: await stop() }
    })
  } finally {
    calls.close()
  }
}

async function prepareLoads(
  { system, options, progress, signal, warmUp }: LoadRun,
  client: CheckoutClient,
): Promise<Buyers> {
  const { scenarios, rate, seconds, checkouts } = options
  const count = (name: LoadName, buyers: number): number => (scenarios.includes(name) ? buyers : 0)
  const counts = {
    rate: count('rate', rate * seconds),
    full: count('full', checkouts),
    burst: count('burst', checkouts),
  }
  const done = progress.step('buyers')
  const own = await prepareBuyers(system, warmUp.checkouts + counts.rate + counts.full, signal)
  const burst =
    counts.burst > 0 ? await prepareBuyers(system, counts.burst, signal, usersFor(counts.burst)) : []
  done(`${own.length + burst.length} charges and holds`)
  const warm = progress.step('warm-up')
  await atOnce(warmUp.callers, own.splice(0, warmUp.checkouts), (buyer) => buy(client, buyer, signal))
  warm(`${warmUp.checkouts} checkouts, not counted`)
  return { rate: own.splice(0, counts.rate), full: own, burst }
}
