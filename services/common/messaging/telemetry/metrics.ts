/** The metrics that the library writes to. A registry of prom-client is one in four lines, see the README. */
export interface Metrics {
  /** The first part of each metric's name; `messaging` by default. */
  readonly prefix?: string
  counter(config: MetricConfig): Counter
  gauge(config: GaugeConfig): Gauge
  histogram(config: HistogramConfig): Histogram
}

export interface MetricConfig {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
}

export interface GaugeConfig extends MetricConfig {
  /** Called before the gauge is read. */
  collect?(): void | Promise<void>
}

export interface HistogramConfig extends MetricConfig {
  readonly buckets: number[]
}

export type Labels = Readonly<Record<string, string>>

export interface Counter {
  inc(labels: Labels, value?: number): void
}

export interface Gauge {
  set(labels: Labels, value: number): void
  /** Forgets every value. */
  reset(): void
}

export interface Histogram {
  observe(labels: Labels, value: number): void
  /** Shows the series before its first value. */
  zero(labels: Labels): void
}

/** The whole name of a metric. */
export function metricName({ prefix = 'messaging' }: Pick<Metrics, 'prefix'>, name: string): string {
  return `${prefix}_${name}`
}

/** The buckets for the parts of a hop, in seconds: fine where they usually are, up to a minute. */
export const hopBuckets = [
  0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 5, 60,
]
