import { startTemporaryPlatform } from '../platform/temporary-platform.ts'
import type { Progress } from '../start/progress.ts'
import { atOnce } from './at-once.ts'
import { BenchError } from './bench-error.ts'
import { buy, openCheckout } from './buy.ts'
import type { BenchOptions } from './options.ts'
import { prepareBuyers } from './prepare.ts'
import { measureFull } from './scenarios.ts'
import { type SystemUnderTest, startOwnSystem } from './system-under-test.ts'
import { startTelemetrySink, type TelemetrySink } from './telemetry-sink.ts'
import { verifyBooks } from './verify-books.ts'

export interface TelemetryFigures {
  /** Checkouts per second of each round, in order. */
  readonly off: readonly number[]
  readonly on: readonly number[]
  /** The share of the throughput that telemetry costs. */
  readonly costPercent: number
  /** CPU time of our own processes. */
  readonly cpuMsPerCheckout: { readonly off: number; readonly on: number }
  readonly spanMb: number
  readonly scrapes: number
}

interface Round {
  readonly checkoutsPerSecond: number
  readonly cpuMsPerCheckout: number
}

const warmUp = { checkouts: 400, callers: 32 }

/**
 * Measures the cost of telemetry on the same servers: services and relays run by turns without endpoint and scraper,
 * and with both. The order off, on, on, off cancels effects of the elapsed time.
 */
export async function measureTelemetry(
  options: BenchOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<TelemetryFigures> {
  const platform = await startTemporaryPlatform()
  const sink = await startTelemetrySink()
  const servers = { kafkaBrokers: platform.kafka.addresses, databaseUrl: platform.postgres.adminUrl }
  const rounds = { off: [] as Round[], on: [] as Round[] }
  try {
    for (let nth = 0; nth < 2 * options.rounds; nth++) {
      signal.throwIfAborted()
      const which = nth % 4 === 0 || nth % 4 === 3 ? 'off' : 'on'
      const done = progress.step(`round ${nth + 1}, ${which}`)
      const env = which === 'on' ? { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint } : {}
      const system = await startOwnSystem(silent, signal, { ...servers, env })
      try {
        const round = await measureRound(system, which === 'on' ? sink : undefined, options, signal)
        if (nth === 2 * options.rounds - 1) await verifyBooks(system, progress, signal)
        rounds[which].push(round)
        done(`${round.checkoutsPerSecond.toFixed(0)} checkouts/s`)
      } finally {
        await system.stop()
      }
    }
  } finally {
    await sink.stop()
    await platform.stop()
  }
  if (sink.bytes === 0 || sink.scrapes === 0) throw new BenchError('No telemetry arrived.')
  return figuresOf(rounds, sink)
}

async function measureRound(
  system: SystemUnderTest,
  sink: TelemetrySink | undefined,
  { callers, checkouts }: BenchOptions,
  signal: AbortSignal,
): Promise<Round> {
  const client = openCheckout(system)
  const stopScraping = sink?.scrape(
    [...Object.values(system.addresses.services), ...Object.values(system.addresses.relays)].flatMap(
      ({ metrics }) => metrics,
    ),
  )
  try {
    const buyers = await prepareBuyers(system, warmUp.checkouts + checkouts, signal)
    await atOnce(warmUp.callers, buyers.splice(0, warmUp.checkouts), (buyer) => buy(client, buyer, signal))
    const { processes } = system
    const { seconds, spent } = await measureFull({ client, processes, buyers, signal }, callers)
    const cpuSeconds = processes.reduce((sum, { name }) => sum + (spent.cpuSeconds[name] ?? 0), 0)
    return {
      checkoutsPerSecond: checkouts / seconds,
      cpuMsPerCheckout: (1000 * cpuSeconds) / checkouts,
    }
  } finally {
    stopScraping?.()
    client.close()
  }
}

function figuresOf(
  { off, on }: Record<'off' | 'on', readonly Round[]>,
  sink: TelemetrySink,
): TelemetryFigures {
  const mean = (rounds: readonly Round[], figure: 'checkoutsPerSecond' | 'cpuMsPerCheckout'): number =>
    rounds.reduce((sum, round) => sum + round[figure], 0) / rounds.length
  return {
    off: off.map(({ checkoutsPerSecond }) => checkoutsPerSecond),
    on: on.map(({ checkoutsPerSecond }) => checkoutsPerSecond),
    costPercent: 100 * (1 - mean(on, 'checkoutsPerSecond') / mean(off, 'checkoutsPerSecond')),
    cpuMsPerCheckout: { off: mean(off, 'cpuMsPerCheckout'), on: mean(on, 'cpuMsPerCheckout') },
    spanMb: sink.bytes / 1e6,
    scrapes: sink.scrapes,
  }
}

/** Hides the steps of the many starts. */
const silent: Progress = { say: () => undefined, step: () => () => undefined, stop: () => undefined }
