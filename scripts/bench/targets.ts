import type { LoadName } from './options.ts'

export interface LoadTarget {
  /** At least this many calls, or rows, a second. */
  readonly perSecond?: number
  /** At most this long. */
  readonly p50Ms?: number
  readonly p99Ms?: number
}

/** The aims for two cores that do nothing else. A burst has none here: it is compared with peers. */
export const loadTargets: Readonly<Partial<Record<LoadName | 'relay', LoadTarget>>> = {
  rate: { p50Ms: 30, p99Ms: 80 },
  full: { perSecond: 250 },
  holds: { perSecond: 700 },
  rush: { perSecond: 2_000, p99Ms: 100 },
  charges: { perSecond: 600 },
  relay: { perSecond: 6_000, p50Ms: 5 },
}

export const targets = {
  idleCpuPercent: 3,
  residentMb: 180,
  paintedP99Ms: 300,
  streamEventsPerSecond: 100,
  streamGrowthPercent: 2,
  telemetryPercent: 10,
}
