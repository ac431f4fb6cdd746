import type { Tracer } from '@boxoffice/messaging/telemetry'
import type { Logger } from './log.ts'

export interface TracerOptions {
  /** The process's name, as in its log. */
  readonly service: string
  /** The base URL of an OTLP receiver for protobuf over HTTP; undefined without a receiver. */
  readonly endpoint: string | undefined
  readonly log: Logger
}

/** Creates the tracer of this process; undefined without an endpoint. Then OpenTelemetry's SDK is not even loaded. */
export async function startTracer({ endpoint, ...options }: TracerOptions): Promise<Tracer | undefined> {
  if (endpoint === undefined) return undefined
  const { createOtlpTracer } = await import('./otlp-tracer.ts')
  return createOtlpTracer({ ...options, endpoint })
}
