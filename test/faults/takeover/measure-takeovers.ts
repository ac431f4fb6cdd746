import { cp, rm } from 'node:fs/promises'
import path from 'node:path'
import { stateDir } from '../../../scripts/platform/paths.ts'
import { seconds } from '../inject.ts'
import { startWorld } from '../world.ts'
import { measureBrokerLoss } from './broker-loss.ts'
import { measureRelayTakeover } from './relay-takeover.ts'
import { measureReplicaTakeover } from './replica-takeover.ts'
import { startSteadyLoad } from './steady-load.ts'
import { isWithinLimits, type Takeover, type TakeoverParts } from './takeover.ts'

/** The measures by name, in the order in which they run. */
export const measures: Readonly<Record<string, (parts: TakeoverParts) => AsyncGenerator<Takeover>>> = {
  'killed-relay': (parts) => measureRelayTakeover(parts, 'SIGKILL'),
  'hung-relay': (parts) => measureRelayTakeover(parts, 'SIGSTOP'),
  'killed-replica': measureReplicaTakeover,
  'killed-broker': measureBrokerLoss,
}

export interface TakeoverOptions {
  /** Names of {@link measures}. */
  readonly chosen: readonly string[]
  readonly seed: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/**
 * Starts the whole system and customers who only buy, and measures how soon other processes take over from a failed
 * one.
 */
export async function measureTakeovers(options: TakeoverOptions): Promise<Takeover[]> {
  const { signal, say } = options
  say('starting three brokers, PostgreSQL and two replicas of everything …')
  const world = await startWorld(signal)
  const logsDir = path.join(stateDir, 'faults', 'takeover')
  await rm(logsDir, { recursive: true, force: true })
  const takeovers: Takeover[] = []
  try {
    const load = await startSteadyLoad(world, options.seed)
    try {
      await load.flows()
      for (const name of options.chosen) {
        for await (const takeover of measures[name]?.({ world, load, say }) ?? []) {
          signal.throwIfAborted()
          const { what, to, tookMs, problem } = takeover
          say(
            `${new Date().toISOString()} ${what}, ${to}: ${seconds(tookMs)}${problem ? `: ${problem}` : ''}`,
          )
          takeovers.push(takeover)
          await load.flows()
        }
      }
    } finally {
      await load.stop()
    }
    return takeovers
  } finally {
    if (!isWithinLimits(takeovers)) {
      await cp(path.join(world.system.dir, 'logs'), logsDir, { recursive: true })
      say(`logs: ${logsDir}`)
    }
    await world.stop()
  }
}
