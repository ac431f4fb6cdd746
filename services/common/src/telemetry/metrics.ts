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

/** The process's metrics. Each name is made once; its label names are known when it is made. */
export interface Metrics {
  /** What the names of messaging's metrics begin with. */
  readonly prefix: string
  readonly registry: Registry
  counter<Label extends string = never>(config: CounterConfiguration<Label>): Counter<Label>
  gauge<Label extends string = never>(config: GaugeConfiguration<Label>): Gauge<Label>
  histogram<Label extends string = never>(config: HistogramConfiguration<Label>): Histogram<Label>
}

export type { Counter, Gauge, Histogram } from 'prom-client'

/** Makes a registry of its own, with Node's default metrics; every sample carries the service's name. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  // The event loop's delay is sampled by a timer: the default of 10 ms would wake an idle process 100 times a second.
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
