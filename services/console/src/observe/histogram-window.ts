import type { Sample } from './read-metrics.ts'

/** What the histograms of several processes have observed lately. */
export interface HistogramWindow {
  /** Takes what the processes tell at `nowMs`. */
  add(samples: readonly Sample[], nowMs: number): void
  /** These quantiles of a histogram, over all its series that match; undefined if nothing was observed. */
  quantiles(
    name: string,
    quantiles: readonly number[],
    matches?: (labels: Sample['labels']) => boolean,
  ): number[] | undefined
}

interface Series {
  readonly name: string
  readonly labels: Sample['labels']
  /** Its values within the window, oldest first. */
  points: { readonly atMs: number; readonly value: number }[]
}

/** Follows these histograms over `windowMs`. A process that begins anew counts from there, one that has left is forgotten. */
export function createHistogramWindow(names: readonly string[], windowMs: number): HistogramWindow {
  const followed = new Set(names.map(bucketsOf))
  const all = new Map<string, Series>()

  return {
    add(samples, nowMs) {
      for (const { name, labels, instance, value } of samples) {
        if (!followed.has(name)) continue
        const key = JSON.stringify([instance, name, labels])
        const series = all.get(key) ?? { name, labels, points: [] }
        all.set(key, series)
        if (value < (series.points.at(-1)?.value ?? 0)) series.points = []
        series.points.push({ atMs: nowMs, value })
      }
      for (const [key, series] of all) {
        series.points = series.points.filter(({ atMs }) => atMs >= nowMs - windowMs)
        if (series.points.length === 0) all.delete(key)
      }
    },
    quantiles(name, quantiles, matches = () => true) {
      const counts = new Map<number, number>()
      for (const series of all.values()) {
        if (series.name !== bucketsOf(name) || !matches(series.labels)) continue
        const bound = series.labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(series.labels.le)
        const [first, last] = [series.points[0], series.points.at(-1)]
        counts.set(bound, (counts.get(bound) ?? 0) + (last?.value ?? 0) - (first?.value ?? 0))
      }
      const buckets = [...counts]
        .map(([bound, count]) => ({ bound, count }))
        .sort((a, b) => a.bound - b.bound)
      return (buckets.at(-1)?.count ?? 0) === 0 ? undefined : quantiles.map((at) => quantileIn(buckets, at))
    },
  }
}

interface Bucket {
  /** Its upper bound. */
  readonly bound: number
  /** Observations up to the bound. */
  readonly count: number
}

/** As Prometheus' histogram_quantile: within a bucket the observations are taken to lie evenly. */
function quantileIn(buckets: readonly Bucket[], at: number): number {
  const rank = at * (buckets.at(-1)?.count ?? 0)
  const index = buckets.findIndex(({ count }) => count >= rank)
  const below = buckets[index - 1] ?? { bound: 0, count: 0 }
  const within = buckets[index]
  if (within === undefined || within.bound === Number.POSITIVE_INFINITY) return below.bound
  const share = (rank - below.count) / Math.max(1, within.count - below.count)
  return below.bound + (within.bound - below.bound) * share
}

function bucketsOf(name: string): string {
  return `${name}_bucket`
}
