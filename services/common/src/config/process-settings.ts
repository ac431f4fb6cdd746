import { hostPort, oneOf, optional, url } from './settings.ts'

/** The log level, which every process has. */
export const logSettings = {
  logLevel: oneOf('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    default: 'info',
  }),
} as const

/** The receiver of the traces that a process of a checkout records. */
export const tracingSettings = {
  /** The base URL of an OTLP receiver for protobuf over HTTP; without it nothing is recorded. */
  otlpEndpoint: optional(url('OTEL_EXPORTER_OTLP_ENDPOINT', { protocols: ['http', 'https'] })),
} as const

/** The address at which a process reports its state. */
export const metricsSettings = {
  /** Where /metrics, /livez and /readyz are served. */
  metricsAddress: hostPort('METRICS_ADDRESS', { default: '127.0.0.1:0' }),
} as const
