import { Code } from '@boxoffice/proto/google/rpc/code_pb.ts'
import type { DescMethod } from '@bufbuild/protobuf'
import { reportDefect } from '../telemetry/defects.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { childTraceparent, parseTraceparent } from '../telemetry/trace-context.ts'
import type { Tracer } from '../telemetry/tracer.ts'
import { ApiError, codeName } from './errors.ts'

/** A call that is being served. */
export interface ObservedCall {
  /** Filled in once the caller is known. */
  subject: string
  /** W3C trace context of this call. */
  readonly traceparent: string
  /** Counts and logs the call; without a code it went well. */
  end(code?: number, error?: unknown): void
}

/** @param parent - the trace context that the caller sent */
export type ObserveCall = (method: DescMethod, parent: string | undefined) => ObservedCall

/**
 * Counts every call by service, method and code, times it, records its span, and writes one log line: louder the worse it
 * ended.
 */
export function createCallObserver(log: Logger, metrics: Metrics, tracer?: Tracer): ObserveCall {
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
  return (method, parent) => {
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
        const level = levelOf(code)
        if (level === 'error') reportDefect({ where: name, code: labels.grpc_code, error })
        if (!log.isLevelEnabled(level)) return
        log[level](
          {
            method: name,
            code: labels.grpc_code,
            ...(error instanceof ApiError ? { reason: error.reason } : {}),
            // An inner cause is for this log alone; a refusal is told by its code and reason.
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

/** The codes for which a server is to blame, by the semantic conventions; others are the caller's. */
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
      return 'debug'
    case Code.INTERNAL:
    case Code.UNKNOWN:
    case Code.DATA_LOSS:
      return 'error'
    case Code.UNAVAILABLE:
    case Code.DEADLINE_EXCEEDED:
    case Code.RESOURCE_EXHAUSTED:
      return 'warn'
    default:
      return 'info'
  }
}
