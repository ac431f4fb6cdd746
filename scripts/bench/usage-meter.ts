import { readUsage } from './process-usage.ts'
import type { MeasuredProcess } from './system-under-test.ts'

/** What each process used while something was measured; the benchmark's own process is `bench`. */
export interface Spent {
  readonly seconds: number
  readonly cpuSeconds: Readonly<Record<string, number>>
  /** At the end. */
  readonly residentMb: Readonly<Record<string, number>>
  /** What processes that have nothing to do with this used of a core meanwhile: a busy machine measures badly. */
  readonly otherCpuPercent: number
}

/** Begins to measure; the function that it returns ends it. */
export async function startMeter(processes: readonly MeasuredProcess[]): Promise<() => Promise<Spent>> {
  const pids = new Map([...processes.map(({ name, pid }) => [name, pid] as const), ['bench', process.pid]])
  const before = await readUsage(pids)
  const startedAt = performance.now()
  return async () => {
    const seconds = (performance.now() - startedAt) / 1000
    const after = await readUsage(pids)
    const cpuSeconds: Record<string, number> = {}
    const residentMb: Record<string, number> = {}
    for (const [name, usage] of after.byName) {
      cpuSeconds[name] = usage.cpuSeconds - (before.byName.get(name)?.cpuSeconds ?? 0)
      residentMb[name] = usage.residentBytes / (1024 * 1024)
    }
    const ours = Object.values(cpuSeconds).reduce((sum, used) => sum + used, 0)
    const others = Math.max(after.busySeconds - before.busySeconds - ours, 0)
    return { seconds, cpuSeconds, residentMb, otherCpuPercent: (100 * others) / seconds }
  }
}
