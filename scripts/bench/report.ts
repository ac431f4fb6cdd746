import type { Measurement } from './closed-loop.ts'
import type { ConsoleFigures } from './console.ts'
import { cpuMsPerCall, cpuMsPerCallByPart } from './cpu-by-part.ts'
import { warmUp } from './loads.ts'
import type { BenchOptions, LoadName } from './options.ts'
import { mapValues, round, roundAll } from './round.ts'
import type { ServiceFigures } from './services.ts'
import type { StreamFigures } from './streams.ts'
import type { TelemetryFigures } from './telemetry.ts'
import type { Spent } from './usage-meter.ts'

export interface Report extends Partial<Omit<ServiceFigures, 'profiles' | 'loads'>>, ConsoleFigures {
  readonly options: BenchOptions
  /** The load averages of 1, 5 and 15 minutes, before anything was started. */
  readonly loadAverage: readonly number[]
  readonly commit: string
  readonly loads: Readonly<Partial<Record<LoadName | 'relay', Measurement>>>
  readonly telemetry?: TelemetryFigures
}

export type BenchJson = ReturnType<typeof toJson>

/** The figures for programs. A scenario that was not run is null, or missing in `scenarios`. */
export function toJson(report: Report) {
  const { options, loadAverage, commit, idle, loads, page, streams } = report
  const { rate, full, relay } = loads
  return {
    checkoutsPerSecond: full ? round(full.calls / full.seconds) : null,
    latencyMs: rate ? roundAll(rate.latencyMs) : null,
    cpuMsPerCheckout: full ? roundAll(cpuMsPerCall(full), 2) : null,
    residentMb: roundAll(residentMb(report)),
    idleCpuPercent: idle ? roundAll(idleCpuPercent(idle)) : null,
    relay: relay
      ? roundAll({
          rowsPerSecond: relay.calls / relay.seconds,
          p50Ms: relay.latencyMs.p50,
          p99Ms: relay.latencyMs.p99,
        })
      : null,
    scenarios: mapValues(loads, scenarioJson),
    idleBrokers: idle?.brokers ? brokersJson(idle.brokers) : null,
    page: page ? { ...roundAll(page.paintedMs), transitions: page.transitions } : null,
    streams: streams ? streamsJson(streams) : null,
    telemetry: report.telemetry ? telemetryJson(report.telemetry) : null,
    commit,
    loadAverage,
    offeredRate: rate || page ? options.rate : null,
    offeredSeconds: rate || page ? options.seconds : null,
    callers: options.callers,
    checkouts: options.checkouts,
    latencyAtFullMs: full ? roundAll(full.latencyMs) : null,
    otherCpuPercent: roundAll(otherCpuPercent(report)),
    warmUp,
  }
}

/** The resources that each scenario used, by its name. */
export function spentByScenario({ idle, loads, page, streams }: Report): Record<string, Spent> {
  return {
    ...(idle && { idle }),
    ...mapValues(loads, ({ spent }) => spent),
    ...(page && { page: page.spent }),
    ...(streams && { streams: streams.spent }),
  }
}

/** The greatest resident memory of each process at the end of any scenario of the services and the console. */
export function residentMb({ loads: { relay: _, ...loads }, ...report }: Report): Record<string, number> {
  const most: Record<string, number> = {}
  for (const spent of Object.values(spentByScenario({ ...report, loads }))) {
    for (const [name, mb] of Object.entries(spent.residentMb)) most[name] = Math.max(most[name] ?? 0, mb)
  }
  return most
}

export function idleCpuPercent(idle: Spent): Record<string, number> {
  return mapValues(idle.cpuSeconds, (seconds) => (100 * seconds) / idle.seconds)
}

export function otherCpuPercent(report: Report): Record<string, number> {
  return mapValues(spentByScenario(report), (spent) => spent.otherCpuPercent)
}

function scenarioJson(measurement: Measurement) {
  const { calls, seconds, latencyMs, answerMs, spent } = measurement
  return {
    calls,
    perSecond: round(calls / seconds),
    latencyMs: roundAll(latencyMs),
    ...(answerMs && { answerMs: roundAll(answerMs) }),
    cpuMsPerCall: roundAll(cpuMsPerCall(measurement), 2),
    cpuMsPerCallByPart: roundAll(cpuMsPerCallByPart(measurement), 2),
    ...(spent.brokers && { brokers: brokersJson(spent.brokers) }),
  }
}

function brokersJson({ requestsPerSecond, ...figures }: NonNullable<Spent['brokers']>) {
  return { requestsPerSecond: roundAll(requestsPerSecond), ...roundAll(figures, 2) }
}

function streamsJson({ streams, eventsPerSecond, growthPercent, sentMb, residentMb }: StreamFigures) {
  return {
    ...roundAll({ streams, eventsPerSecond, growthPercent, sentMb }),
    residentMb: roundAll(residentMb),
  }
}

function telemetryJson({ off, on, costPercent, cpuMsPerCheckout, spanMb, scrapes }: TelemetryFigures) {
  return {
    costPercent: round(costPercent),
    checkoutsPerSecond: { off: off.map((rate) => round(rate)), on: on.map((rate) => round(rate)) },
    cpuMsPerCheckout: roundAll(cpuMsPerCheckout, 2),
    spanMb: round(spanMb),
    scrapes,
  }
}
