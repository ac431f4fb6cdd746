import type { Tracer } from '@boxoffice/messaging/telemetry'
import { childTraceparent, parseTraceparent } from '@boxoffice/messaging/telemetry'
import { Code } from '@boxoffice/proto/google/rpc/code_pb.ts'
import type { DescMethod, Message } from '@bufbuild/protobuf'
import { ApiError, codeName } from '../status/errors.ts'
import { reportDefect } from '../telemetry/defects.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { SecurityLog } from '../telemetry/security-log.ts'
import { idsOf } from './lower-case-ids.ts'
import { securityKindOf } from './security-events.ts'

/** A call that is being served. */
export interface ObservedCall {
  /** Set once the caller is known. */
  subject: string
  /** Set once the request has been read. */
  request: Message | undefined
  /** W3C trace context of this call. */
  readonly traceparent: string
  /** Counts and logs the call. No code means OK. */
  end(code?: number, error?: unknown): void
}

/**
 * @param parent - the trace context that the caller sent
 * @param from - the address of the caller
 */
export type ObserveCall = (
  method: DescMethod,
  parent: string | undefined,
  from: { getPeer(): string },
) => ObservedCall

/**
 * Counts every call by service, method and code, measures its time, records its span, and writes one log line, whose
 * level depends on the code. Changes by operators and refused callers go to the security log as well.
 */
export function createCallObserver({
  log,
  metrics,
  tracer,
  security,
}: {
  readonly log: Logger
  readonly metrics: Metrics
  readonly tracer?: Tracer | undefined
  readonly security: SecurityLog
}): ObserveCall {
  const { handled, duration } = createCallMetrics(metrics)
  return (method, parent, from) => {
    const startedAt = performance.now()
    const name = `${method.parent.typeName}/${method.name}`
    const span = tracer?.begin({
      name,
      kind: 'SERVER',
      parent,
      attributes: { 'rpc.system.name': 'grpc', 'rpc.method': name },
    })
    const traceparent = span?.traceparent ?? childTraceparent(parent)
    return {
      subject: '',
      request: undefined,
      traceparent,
      end(code = Code.OK, error) {
        const durationMs = performance.now() - startedAt
        const labels = {
          grpc_service: method.parent.typeName,
          grpc_method: method.name,
          grpc_code: codeName(code),
        }
        handled.inc(labels)
        duration.observe(labels, durationMs / 1000)
        span?.end({
          attributes: { 'rpc.status_code': labels.grpc_code },
          error: serverErrors.has(code) ? labels.grpc_code : undefined,
        })
        const kind = securityKindOf(method, code)
        if (kind !== undefined) {
          security.record({
            kind,
            subject: this.subject,
            peer: from.getPeer(),
            method: name,
            ids: this.request && idsOf(method.input, this.request),
            outcome: labels.grpc_code,
            reason: error instanceof ApiError ? error.reason : undefined,
            traceId: parseTraceparent(traceparent)?.traceId,
          })
        }
        const level = levelOf(code)
        if (level === 'error') reportDefect({ where: name, code: labels.grpc_code, error })
        if (!log.isLevelEnabled(level)) return
        log[level](
          {
            method: name,
            code: labels.grpc_code,
            ...(error instanceof ApiError ? { reason: error.reason } : {}),
            // An inner cause is for this log alone. For a refusal, code and reason are enough.
            ...(level === 'error' || level === 'warn' ? { err: error } : {}),
            subject: this.subject,
            traceId: parseTraceparent(traceparent)?.traceId,
            durationMs: Math.round(durationMs * 1000) / 1000,
          },
          'call',
        )
      },
    }
  }
}

function createCallMetrics(metrics: Metrics) {
  const labelNames = ['grpc_service', 'grpc_method', 'grpc_code'] as const
  const handled = metrics.counter({
    name: 'grpc_server_handled_total',
    help: 'Calls that were answered, by status code',
    labelNames,
  })
  const duration = metrics.histogram({
    name: 'grpc_server_handling_seconds',
    help: 'From the request to the end of the call',
    labelNames,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
  })
  return { handled, duration }
}

/** The codes that mean a fault of the server, by the semantic conventions; others are the caller's. */
const serverErrors: ReadonlySet<number> = new Set([
  Code.UNKNOWN,
  Code.DEADLINE_EXCEEDED,
  Code.UNIMPLEMENTED,
  Code.INTERNAL,
  Code.UNAVAILABLE,
  Code.DATA_LOSS,
])

function levelOf(code: number): 'debug' | 'info' | 'warn' | 'error' {
  switch (code) {
    case Code.OK:
    case Code.CANCELLED:
    // The security log records these, within its bounds.
    case Code.UNAUTHENTICATED:
    case Code.PERMISSION_DENIED:
    case Code.RESOURCE_EXHAUSTED:
      return 'debug'
    case Code.INTERNAL:
    case Code.UNKNOWN:
    case Code.DATA_LOSS:
      return 'error'
    case Code.UNAVAILABLE:
    case Code.DEADLINE_EXCEEDED:
      return 'warn'
    default:
      return 'info'
  }
}
