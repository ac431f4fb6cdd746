import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from 'prom-client'

/** The process's metrics. Each name is created once, with its label names. */
export interface Metrics {
  /** The prefix of the names of messaging's metrics. */
  readonly prefix: string
  readonly registry: Registry
  counter<Label extends string = never>(config: CounterConfiguration<Label>): Counter<Label>
  gauge<Label extends string = never>(config: GaugeConfiguration<Label>): Gauge<Label>
  histogram<Label extends string = never>(config: HistogramConfiguration<Label>): Histogram<Label>
}

export type { Counter, Gauge, Histogram } from 'prom-client'

/** Creates a registry with Node's default metrics; every sample has the service's name. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  // A timer samples the event loop's delay: the default of 10 ms would wake an idle process 100 times a second.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 })
  const registers = [registry]
  return {
    prefix: 'boxoffice',
    registry,
    counter: (config) => new Counter({ ...config, registers }),
    gauge: (config) => new Gauge({ ...config, registers }),
    histogram: (config) => new Histogram({ ...config, registers }),
  }
}
export { hopBuckets } from '@boxoffice/messaging/telemetry'
