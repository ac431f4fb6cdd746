import { cp, rm } from 'node:fs/promises'
import path from 'node:path'
import { type Column, table } from '../../../scripts/cli/table.ts'
import { stateDir } from '../../../scripts/platform/paths.ts'
import { seconds } from '../inject.ts'
import { startWorld, type World } from '../world.ts'
import { measureBrokerLoss } from './broker-loss.ts'
import { measureRelayTakeover } from './relay-takeover.ts'
import { measureReplicaTakeover } from './replica-takeover.ts'
import { type SteadyLoad, startSteadyLoad } from './steady-load.ts'

/** How long something took, and how long it may. */
export interface Takeover {
  readonly what: string
  /** Whose process it happened to. */
  readonly to: string
  readonly tookMs: number
  readonly limitMs: number
  /** What went wrong besides, in a sentence. */
  readonly problem?: string
}

export interface TakeoverParts {
  readonly world: World
  readonly load: SteadyLoad
  readonly say: (line: string) => void
}

/** What is measured, by name, in the order in which it happens. */
export const measures: Readonly<Record<string, (parts: TakeoverParts) => AsyncGenerator<Takeover>>> = {
  'killed-relay': (parts) => measureRelayTakeover(parts, 'SIGKILL'),
  'hung-relay': (parts) => measureRelayTakeover(parts, 'SIGSTOP'),
  'killed-replica': measureReplicaTakeover,
  'killed-broker': measureBrokerLoss,
}

export interface TakeoverOptions {
  /** Names out of {@link measures}. */
  readonly chosen: readonly string[]
  readonly seed: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** Starts the whole system and customers who only buy, and measures how soon others take over from what fails. */
export async function measureTakeovers(options: TakeoverOptions): Promise<Takeover[]> {
  const { signal, say } = options
  say('starting three brokers, PostgreSQL and two replicas of everything …')
  const world = await startWorld(signal)
  const logsDir = path.join(stateDir, 'faults', 'takeover')
  await rm(logsDir, { recursive: true, force: true })
  const taken: Takeover[] = []
  try {
    const load = await startSteadyLoad(world, options.seed)
    try {
      await load.flows()
      for (const name of options.chosen) {
        for await (const one of measures[name]?.({ world, load, say }) ?? []) {
          signal.throwIfAborted()
          say(
            `${new Date().toISOString()} ${one.what}, ${one.to}: ${seconds(one.tookMs)}${one.problem ? `: ${one.problem}` : ''}`,
          )
          taken.push(one)
          await load.flows()
        }
      }
    } finally {
      await load.stop()
    }
    return taken
  } finally {
    if (!isWithinLimits(taken)) {
      await cp(path.join(world.system.dir, 'logs'), logsDir, { recursive: true })
      say(`logs: ${logsDir}`)
    }
    await world.stop()
  }
}

export function isWithinLimits(taken: readonly Takeover[]): boolean {
  return taken.every((one) => one.tookMs <= one.limitMs && one.problem === undefined)
}

/** One line for each kind: the best, the middle and the worst of its times, and the limit. */
export function describeTakeovers(taken: readonly Takeover[]): string {
  const kinds = [...new Set(taken.map((one) => one.what))]
  const rows = kinds.map((what) => {
    const ofKind = taken.filter((one) => one.what === what)
    return {
      what,
      limitMs: ofKind[0]?.limitMs ?? 0,
      times: ofKind.map((one) => one.tookMs).sort((one, other) => one - other),
      ok: isWithinLimits(ofKind),
    }
  })
  const columns: readonly Column<(typeof rows)[number]>[] = [
    { title: '', value: (row) => (row.ok ? '✓' : '✗') },
    { title: 'from the fault until', value: (row) => row.what },
    { title: 'times', value: (row) => String(row.times.length), right: true },
    { title: 'best', value: (row) => seconds(row.times[0] ?? 0), right: true },
    { title: 'median', value: (row) => seconds(row.times[row.times.length >> 1] ?? 0), right: true },
    { title: 'worst', value: (row) => seconds(row.times.at(-1) ?? 0), right: true },
    { title: 'limit', value: (row) => seconds(row.limitMs), right: true },
  ]
  const problems = taken.flatMap((one) => (one.problem ? [`✗ ${one.what}, ${one.to}: ${one.problem}`] : []))
  return [table(rows, columns), ...problems].join('\n')
}
