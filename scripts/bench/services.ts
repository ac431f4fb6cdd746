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
  /** Of the scenarios that were chosen. */
  readonly loads: Readonly<Partial<Record<LoadName, Measurement>>>
  readonly profiles: readonly TakenProfile[]
  /** The processes that targets are set for. */
  readonly nodeProcesses: ReadonlySet<string>
}

/** Runs the chosen scenarios against the system, one after the other, and each only when the one before has left nothing to do. */
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

  /** Runs one scenario with its progress, and with the profile if there is to be one. */
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
    const nodeProcesses = new Set(processes.filter((one) => one.isNode).map((one) => one.name))
    return { ...(idle && { idle }), loads, profiles, nodeProcesses }
  } finally {
    await brokers?.stop()
  }
}

/** Brokers that are not this machine's, or a Java without a compiler, leave their figures out of the report. */
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
    const found = system.processes.find((one) => one.name === name && one.isNode)
    if (found) return found
    const known = system.processes.filter((one) => one.isNode).map((one) => one.name)
    throw new BenchError(`There is no Node process ${name} to profile; there are ${known.join(', ')}.`)
  })
}
