import type { Sample } from './read-metrics.ts'

/** The recent observations of the histograms of several processes. */
export interface HistogramWindow {
  /** Adds the samples that the processes report at `nowMs`. */
  add(samples: readonly Sample[], nowMs: number): void
  /** Returns these quantiles of a histogram, over all its series; undefined without observations. */
  quantiles(name: string, quantiles: readonly number[]): number[] | undefined
}

/** The number of observations up to each bound, by bound. */
type Counts = ReadonlyMap<number, number>

interface Series {
  readonly name: string
  /** The counts that were reported within the window, oldest first. */
  points: { readonly atMs: number; readonly counts: Counts }[]
}

/**
 * Follows these histograms over `windowMs`. A restarted process counts from its start; one that is gone is forgotten.
 */
export function createHistogramWindow(names: readonly string[], windowMs: number): HistogramWindow {
  const all = new Map<string, Series>()

  return {
    add(samples, nowMs) {
      for (const [key, { name, counts }] of readCounts(samples, names)) {
        const series = all.get(key) ?? { name, points: [] }
        all.set(key, series)
        const last = series.points.at(-1)
        if (last !== undefined && total(counts) < total(last.counts)) series.points = []
        series.points.push({ atMs: nowMs, counts })
      }
      for (const [key, series] of all) {
        series.points = series.points.filter(({ atMs }) => atMs >= nowMs - windowMs)
        if (series.points.length === 0) all.delete(key)
      }
    },
    quantiles(name, quantiles) {
      const sums = new Map<number, number>()
      for (const series of all.values()) {
        const [first, last] = [series.points[0], series.points.at(-1)]
        if (series.name !== name || first === undefined || last === undefined) continue
        for (const [bound, count] of last.counts) {
          sums.set(bound, (sums.get(bound) ?? 0) + count - (first.counts.get(bound) ?? 0))
        }
      }
      if (total(sums) === 0) return undefined
      const buckets = [...sums].map(([bound, count]) => ({ bound, count })).sort((a, b) => a.bound - b.bound)
      return quantiles.map((at) => quantileIn(buckets, at))
    },
  }
}

/** The buckets of each series of these histograms, by the key of the series. */
function readCounts(samples: readonly Sample[], names: readonly string[]) {
  const nameOf = new Map(names.map((name) => [`${name}_bucket`, name]))
  const found = new Map<string, { readonly name: string; readonly counts: Map<number, number> }>()
  for (const { instance, name: bucketName, labels, value } of samples) {
    const name = nameOf.get(bucketName)
    if (name === undefined) continue
    const { le, ...others } = labels
    const key = JSON.stringify([instance, name, others])
    const series = found.get(key) ?? { name, counts: new Map() }
    found.set(key, series)
    series.counts.set(le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), value)
  }
  return found
}

function total(counts: Counts): number {
  return counts.get(Number.POSITIVE_INFINITY) ?? 0
}

interface Bucket {
  /** The upper bound of the bucket. */
  readonly bound: number
  /** The number of observations up to the bound. */
  readonly count: number
}

/**
 * Computes a quantile as Prometheus' histogram_quantile does, which assumes that a bucket's observations are spread
 * evenly.
 */
function quantileIn(buckets: readonly Bucket[], at: number): number {
  const rank = at * (buckets.at(-1)?.count ?? 0)
  const index = buckets.findIndex(({ count }) => count >= rank)
  const below = buckets[index - 1] ?? { bound: 0, count: 0 }
  const within = buckets[index]
  if (within === undefined || within.bound === Number.POSITIVE_INFINITY) return below.bound
  const share = (rank - below.count) / Math.max(1, within.count - below.count)
  return below.bound + (within.bound - below.bound) * share
}
