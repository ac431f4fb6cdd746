import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Tracer } from '@boxoffice/messaging/telemetry'
import { formatTraceparent, parseTraceparent } from '@boxoffice/messaging/telemetry'
import {
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Logger } from './log.ts'

/** How long an ended span waits to be sent together with others. */
const sendIntervalMs = 1_000
/** The number of spans that wait while the receiver does not answer; later ones are dropped. */
const waitingMax = 8_192
const flushMsMax = 2_000

/**
 * Sends spans to an OTLP receiver, in batches beside the work. A receiver that is slow or gone costs spans, never a
 * call or a message. The exporter itself reads the OTEL_EXPORTER_OTLP_* variables for headers, certificates and
 * compression.
 */
export function createOtlpTracer({
  service,
  endpoint,
  log,
}: {
  readonly service: string
  readonly endpoint: string
  readonly log: Logger
}): Tracer {
  reportTo(log)
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.namespace': 'boxoffice',
      'service.instance.id': randomUUID(),
    }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter, scheduledDelayMillis: sendIntervalMs, maxQueueSize: waitingMax }),
    ],
  })
  const tracer = provider.getTracer('boxoffice')
  return {
    begin({ name, kind, parent, attributes = {}, links = [], startedAtMs }) {
      const led = contextOf(parent)
      const span = tracer.startSpan(
        name,
        {
          kind: SpanKind[kind],
          attributes,
          links: links.flatMap((link) => contextOf(link) ?? []).map((context) => ({ context })),
          ...(startedAtMs === undefined ? {} : { startTime: startedAtMs }),
        },
        led === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, led),
      )
      const { traceId, spanId, traceFlags } = span.spanContext()
      return {
        traceparent: formatTraceparent({ traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 }),
        end({ error, attributes: late } = {}) {
          if (late !== undefined) span.setAttributes(late)
          if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error })
          span.end()
        },
      }
    },
    async stop() {
      const outcome = await Promise.race([
        provider.shutdown().catch((error: unknown) => error),
        sleep(flushMsMax, 'late' as const, { ref: false }),
      ])
      if (outcome !== undefined) log.warn({ err: outcome }, 'the last spans may not have been sent')
    },
  }
}

function contextOf(traceparent: string | undefined): SpanContext | undefined {
  const context = parseTraceparent(traceparent)
  if (context === undefined) return undefined
  const { traceId, spanId, sampled } = context
  return {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  }
}

/** Logs the messages of the SDK, such as that spans were dropped or could not be sent. */
function reportTo(log: Logger): void {
  const warn = (message: string, ...details: unknown[]): void => log.warn({ details }, `tracing: ${message}`)
  const silent = (): void => undefined
  diag.setLogger(
    { error: warn, warn, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
}
