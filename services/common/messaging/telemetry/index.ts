export type {
  Counter,
  Gauge,
  GaugeConfig,
  Histogram,
  HistogramConfig,
  Labels,
  MetricConfig,
  Metrics,
} from './metrics.ts'
export { hopBuckets } from './metrics.ts'
export {
  childTraceparent,
  continueTrace,
  formatTraceparent,
  parseTraceparent,
  type TraceContext,
} from './trace-context.ts'
export type { NewSpan, Span, SpanAttributes, SpanOutcome, Tracer } from './tracer.ts'
