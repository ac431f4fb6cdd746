import type { ConsoleFigures } from './console.ts'
import type { BenchOptions } from './options.ts'
import type { RelayFigures } from './relay.ts'
import { type ServiceFigures, warmUp } from './services.ts'
import type { TelemetryFigures } from './telemetry.ts'
import type { Spent } from './usage-meter.ts'

export interface Report extends Partial<Omit<ServiceFigures, 'profiles'>>, ConsoleFigures {
  readonly options: BenchOptions
  /** Of 1, 5 and 15 minutes, before anything was started. */
  readonly loadAverage: readonly number[]
  readonly commit: string
  readonly relay?: RelayFigures
  readonly telemetry?: TelemetryFigures
}

/** The figures for machines. A scenario that was not run is null. */
export function toJson(report: Report) {
  const { options, loadAverage, commit, idle, rate, full, relay, page, streams, telemetry } = report
  return {
    checkoutsPerSecond: full ? round(options.checkouts / full.seconds) : null,
    latencyMs: rate ? roundAll(rate.latencyMs) : null,
    cpuMsPerCheckout: full ? roundAll(cpuMsPerCheckout(full.spent, options.checkouts), 2) : null,
    residentMb: roundAll(residentMb([idle, rate?.spent, full?.spent, page?.spent, streams?.spent])),
    idleCpuPercent: idle ? roundAll(idleCpuPercent(idle)) : null,
    relay: relay ? roundAll(relay.figures) : null,
    page: page ? { ...roundAll(page.paintedMs), transitions: page.transitions } : null,
    streams: streams
      ? {
          ...roundAll({
            streams: streams.streams,
            eventsPerSecond: streams.eventsPerSecond,
            growthPercent: streams.growthPercent,
            sentMb: streams.sentMb,
          }),
          residentMb: roundAll(streams.residentMb),
        }
      : null,
    telemetry: telemetry
      ? {
          costPercent: round(telemetry.costPercent),
          checkoutsPerSecond: {
            off: telemetry.off.map((one) => round(one)),
            on: telemetry.on.map((one) => round(one)),
          },
          cpuMsPerCheckout: roundAll(telemetry.cpuMsPerCheckout, 2),
          spanMb: round(telemetry.spanMb),
          scrapes: telemetry.scrapes,
        }
      : null,
    commit,
    loadAverage,
    offeredRate: rate || page ? options.rate : null,
    offeredSeconds: rate || page ? options.seconds : null,
    callers: full || telemetry ? options.callers : null,
    checkouts: full || telemetry ? options.checkouts : null,
    latencyAtFullMs: full ? roundAll(full.latencyMs) : null,
    otherCpuPercent: roundAll({
      ...(idle && { idle: idle.otherCpuPercent }),
      ...(rate && { rate: rate.spent.otherCpuPercent }),
      ...(full && { full: full.spent.otherCpuPercent }),
      ...(relay && { relay: relay.otherCpuPercent }),
      ...(page && { page: page.spent.otherCpuPercent }),
      ...(streams && { streams: streams.spent.otherCpuPercent }),
    }),
    warmUp,
  }
}

export function cpuMsPerCheckout(spent: Spent, checkouts: number): Record<string, number> {
  return mapValues(spent.cpuSeconds, (seconds) => (seconds * 1000) / checkouts)
}

export function idleCpuPercent(idle: Spent): Record<string, number> {
  return mapValues(idle.cpuSeconds, (seconds) => (100 * seconds) / idle.seconds)
}

/** The most that each process had resident at the end of any scenario. */
export function residentMb(scenarios: readonly (Spent | undefined)[]): Record<string, number> {
  const most: Record<string, number> = {}
  for (const spent of scenarios) {
    for (const [name, mb] of Object.entries(spent?.residentMb ?? {}))
      most[name] = Math.max(most[name] ?? 0, mb)
  }
  return most
}

function roundAll<Figures extends object>(figures: Figures, digits = 1): { [Name in keyof Figures]: number } {
  const rounded = Object.entries(figures).map(([name, value]) => [name, round(value, digits)])
  return Object.fromEntries(rounded) as { [Name in keyof Figures]: number }
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits))
}

function mapValues(
  figures: Readonly<Record<string, number>>,
  map: (value: number) => number,
): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, map(value)]))
}
