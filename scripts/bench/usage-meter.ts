import { type BrokerFigures, brokerFigures } from './broker-figures.ts'
import type { BrokerMetrics } from './broker-metrics.ts'
import { readUsage } from './process-usage.ts'
import type { MeasuredProcess } from './system-under-test.ts'

/** The resources that each process used during a measurement; the benchmark's own process is `bench`. */
export interface Spent {
  readonly seconds: number
  readonly cpuSeconds: Readonly<Record<string, number>>
  /** The resident memory at the end. */
  readonly residentMb: Readonly<Record<string, number>>
  /** The share of a core that unrelated processes used at the same time: a busy machine distorts a measurement. */
  readonly otherCpuPercent: number
  /** Present if the brokers' metrics are read. */
  readonly brokers?: BrokerFigures
}

/** Begins to measure; the returned function ends it. Brokers are asked before and after, not while the clock runs. */
export async function startMeter(
  processes: readonly MeasuredProcess[],
  brokers?: BrokerMetrics,
): Promise<() => Promise<Spent>> {
  const pids = new Map([...processes.map(({ name, pid }) => [name, pid] as const), ['bench', process.pid]])
  const countedBefore = await brokers?.read()
  const before = await readUsage(pids)
  const startedAt = performance.now()
  return async () => {
    const seconds = (performance.now() - startedAt) / 1000
    const after = await readUsage(pids)
    const countedAfter = await brokers?.read()
    const cpuSeconds: Record<string, number> = {}
    const residentMb: Record<string, number> = {}
    for (const [name, usage] of after.byName) {
      cpuSeconds[name] = usage.cpuSeconds - (before.byName.get(name)?.cpuSeconds ?? 0)
      residentMb[name] = usage.residentBytes / (1024 * 1024)
    }
    const ours = Object.values(cpuSeconds).reduce((sum, used) => sum + used, 0)
    const others = Math.max(after.busySeconds - before.busySeconds - ours, 0)
    const spent = { seconds, cpuSeconds, residentMb, otherCpuPercent: (100 * others) / seconds }
    if (!countedBefore || !countedAfter) return spent
    const brokersUsed = Object.entries(cpuSeconds)
      .filter(([name]) => name.startsWith('kafka-'))
      .reduce((sum, [, used]) => sum + used, 0)
    const window = { seconds, cpuSeconds: brokersUsed }
    return { ...spent, brokers: brokerFigures(countedBefore, countedAfter, window) }
  }
}
