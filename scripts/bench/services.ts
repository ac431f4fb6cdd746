import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Progress } from '../start/progress.ts'
import { atOnce } from './at-once.ts'
import { BenchError } from './bench-error.ts'
import { buy, openCheckout } from './buy.ts'
import type { BenchOptions, ScenarioName } from './options.ts'
import { type Buyer, prepareBuyers } from './prepare.ts'
import { startProfiles, type TakenProfile } from './profile.ts'
import { type Load, measureFull, measureIdle, measureRate } from './scenarios.ts'
import { outboxesEmpty } from './settle.ts'
import type { SystemUnderTest } from './system-under-test.ts'
import type { Spent } from './usage-meter.ts'

export interface ServiceFigures {
  readonly idle?: Spent
  readonly rate?: Awaited<ReturnType<typeof measureRate>>
  readonly full?: Awaited<ReturnType<typeof measureFull>>
  readonly profiles: readonly TakenProfile[]
  /** The processes that targets are set for. */
  readonly nodeProcesses: ReadonlySet<string>
}

/** Compiles and fills what a process that has just started has yet to compile and fill. */
export const warmUp = { checkouts: 500, callers: 32 }

/** Runs the chosen scenarios against the system, one after the other, everything prepared before the first one's clock runs. */
export async function measureServices(
  system: SystemUnderTest,
  options: BenchOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<ServiceFigures> {
  const { processes } = system
  const chosen = (name: ScenarioName): boolean => options.scenarios.includes(name)
  const databaseUrls = Object.values(system.addresses.services).map((service) => service.databaseUrl)
  const counts = {
    rate: chosen('rate') ? options.rate * options.seconds : 0,
    full: chosen('full') ? options.checkouts : 0,
  }
  const profiles: TakenProfile[] = []
  const profiled = profiledProcesses(system, options.profile)
  const profileDir = path.join(tmpdir(), `boxoffice-profiles-${process.pid}`)

  /** Runs one scenario with its progress, and with the profile if there is to be one. */
  const run = async <Figures>(name: string, measure: () => Promise<Figures>): Promise<Figures> => {
    await outboxesEmpty(databaseUrls, signal)
    const done = progress.step(name)
    const stop = name === 'idle' ? undefined : await startProfiles(profiled, name, profileDir)
    const figures = await measure()
    profiles.push(...((await stop?.()) ?? []))
    done('')
    return figures
  }

  const idle = chosen('idle') ? await run('idle', () => measureIdle(processes, signal)) : undefined
  const nodeProcesses = new Set(processes.filter((one) => one.isNode).map((one) => one.name))
  if (counts.rate + counts.full === 0) return { ...(idle && { idle }), profiles, nodeProcesses }

  const buyers = await prepare(system, counts.rate + counts.full + warmUp.checkouts, progress, signal)
  const client = openCheckout(system)
  const take = (count: number): Load => ({ client, processes, signal, buyers: buyers.splice(0, count) })
  try {
    const done = progress.step('warm-up')
    await atOnce(warmUp.callers, buyers.splice(0, warmUp.checkouts), (buyer) => buy(client, buyer, signal))
    done(`${warmUp.checkouts} checkouts, not counted`)
    const rate = chosen('rate')
      ? await run('rate', () => measureRate(take(counts.rate), options.rate))
      : undefined
    const full = chosen('full')
      ? await run('full', () => measureFull(take(counts.full), options.callers))
      : undefined
    await outboxesEmpty(databaseUrls, signal)
    return { ...(idle && { idle }), ...(rate && { rate }), ...(full && { full }), profiles, nodeProcesses }
  } finally {
    client.close()
  }
}

async function prepare(
  system: SystemUnderTest,
  count: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<Buyer[]> {
  const done = progress.step('buyers')
  const buyers = await prepareBuyers(system, count, signal)
  done(`${count} users, charges and holds`)
  return buyers
}

function profiledProcesses(system: SystemUnderTest, names: readonly string[]) {
  return names.map((name) => {
    const found = system.processes.find((one) => one.name === name && one.isNode)
    if (found) return found
    const known = system.processes.filter((one) => one.isNode).map((one) => one.name)
    throw new BenchError(`There is no Node process ${name} to profile; there are ${known.join(', ')}.`)
  })
}
