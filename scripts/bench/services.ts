import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Progress } from '../start/progress.ts'
import { BenchError } from './bench-error.ts'
import { type BrokerMetrics, startBrokerMetrics } from './broker-metrics.ts'
import type { Measurement } from './closed-loop.ts'
import { measureLoads, warmUp } from './loads.ts'
import type { BenchOptions, LoadName } from './options.ts'
import { startProfiles, type TakenProfile } from './profile.ts'
import { measureIdle } from './scenarios.ts'
import { outboxesEmpty } from './settle.ts'
import type { SystemUnderTest } from './system-under-test.ts'
import type { Spent } from './usage-meter.ts'

export interface ServiceFigures {
  readonly idle?: Spent
  /** The measurements of the chosen scenarios. */
  readonly loads: Readonly<Partial<Record<LoadName, Measurement>>>
  readonly profiles: readonly TakenProfile[]
  /** The processes that have targets. */
  readonly nodeProcesses: ReadonlySet<string>
}

/** Runs the chosen scenarios one after the other. Each begins when the previous one has left no work to do. */
export async function measureServices(
  system: SystemUnderTest,
  options: BenchOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<ServiceFigures> {
  const { processes } = system
  const databaseUrls = Object.values(system.addresses.services).map((service) => service.databaseUrl)
  const atRest = (): Promise<void> => outboxesEmpty(databaseUrls, signal)
  const profiles: TakenProfile[] = []
  const profiled = profiledProcesses(system, options.profile)
  const profileDir = path.join(tmpdir(), `boxoffice-profiles-${process.pid}`)

  /** Runs one scenario with its progress, and with a profile if asked for. */
  const run = async <Figures>(name: string, measure: () => Promise<Figures>): Promise<Figures> => {
    await atRest()
    const done = progress.step(name)
    const stop = name === 'idle' ? undefined : await startProfiles(profiled, name, profileDir)
    const figures = await measure()
    profiles.push(...((await stop?.()) ?? []))
    done('')
    return figures
  }

  const brokers = await brokerMetrics(system, progress)
  try {
    const idle = options.scenarios.includes('idle')
      ? await run('idle', () => measureIdle(processes, brokers, signal))
      : undefined
    const loads = await measureLoads({ system, options, brokers, progress, signal, warmUp, atRest, run })
    await atRest()
    const nodeProcesses = new Set(processes.filter(({ isNode }) => isNode).map(({ name }) => name))
    return { ...(idle && { idle }), loads, profiles, nodeProcesses }
  } finally {
    await brokers?.stop()
  }
}

/**
 * Starts the reader of the brokers' metrics. With remote brokers, or without a Java compiler, the report lacks these
 * figures.
 */
export async function brokerMetrics(
  { processes }: Pick<SystemUnderTest, 'processes'>,
  progress: Progress,
): Promise<BrokerMetrics | undefined> {
  return await startBrokerMetrics(processes).catch((error) => {
    if (!(error instanceof BenchError)) throw error
    progress.say(`  ! ${error.message}`)
    return undefined
  })
}

function profiledProcesses(system: SystemUnderTest, names: readonly string[]) {
  return names.map((name) => {
    const found = system.processes.find((process) => process.name === name && process.isNode)
    if (found) return found
    const known = system.processes.filter((process) => process.isNode).map((process) => process.name)
    throw new BenchError(`There is no Node process ${name} to profile; there are ${known.join(', ')}.`)
  })
}
