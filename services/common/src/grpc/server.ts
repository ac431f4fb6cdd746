import type { Tracer } from '@boxoffice/messaging/telemetry'
import {
  type ChannelOptions,
  Server,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import type { Admission } from '../admission/admission.ts'
import { admitCalls } from '../admission/admit-calls.ts'
import type { ConnectionLimits } from '../admission/connections.ts'
import { callUnits } from '../admission/limits.ts'
import type { Authenticator } from '../auth/auth.ts'
import type { Readiness } from '../lifecycle/readiness.ts'
import { codeName, toApiError } from '../status/errors.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { createSecurityLog, type SecurityLog } from '../telemetry/security-log.ts'
import { blameCallers } from './blame-callers.ts'
import { createCallTracker } from './call-tracker.ts'
import { foreignRequestBytesMax } from './guard-foreign.ts'
import { serveHealth } from './health.ts'
import type { ServiceImplementation } from './implement.ts'
import { listen } from './listen.ts'
import { createCallObserver } from './observe.ts'
import { serveReflection } from './reflection.ts'
import { refusalKindOf } from './security-events.ts'
import { serveStream } from './serve-stream.ts'
import { serveUnary } from './serve-unary.ts'
import { type ServerTls, serverCredentials } from './tls.ts'

export type { CallContext } from './call-context.ts'
export { implement, type ServiceImplementation } from './implement.ts'

export interface ServerOptions {
  /** From `implement`. */
  readonly services: readonly ServiceImplementation[]
  readonly auth: Authenticator
  readonly log: Logger
  readonly metrics: Metrics
  readonly tracer?: Tracer | undefined
  /** `host:port`; port 0 means any free port. */
  readonly address: string
  /** Plain text without it. */
  readonly tls?: ServerTls | undefined
  /** Serve grpc.reflection; on unless false. */
  readonly reflection?: boolean
  /** The state that grpc.health.v1 reports, for the whole server and for each service. */
  readonly health: Readiness
  readonly limits?: Partial<ServerLimits>
  /** Without it every call is admitted. */
  readonly admission?: Admission | undefined
}

export interface ServerLimits {
  /** The largest response; a larger one is answered with RESOURCE_EXHAUSTED (RESPONSE_TOO_LARGE). */
  readonly sendBytesMax: number
  /** Calls in flight on one connection; more wait at the caller. The event loop handles such a burst in one go. */
  readonly streamsMax: number
  /** The deadline of a unary call whose caller set none. */
  readonly deadlineDefaultMs: number
}

export interface GrpcServer {
  /** Listens; returns the bound address, `host:port`. */
  start(): Promise<string>
  /** Accepts no more calls, ends streams with UNAVAILABLE, lets unary calls end until the deadline, cuts the rest. */
  stop(deadlineMs?: number): Promise<void>
}

const defaultLimits: ServerLimits = {
  sendBytesMax: 4 * 1024 * 1024,
  streamsMax: 100,
  deadlineDefaultMs: 90_000,
}

/** Creates a gRPC server. Every call of every service passes the same pipeline (serve-unary.ts, serve-stream.ts). */
export function createServer(options: ServerOptions): GrpcServer {
  const limits = { ...defaultLimits, ...options.limits }
  const security = createSecurityLog(options.log)
  const server = new Server({
    interceptors: [
      blameCallers,
      ...(options.admission === undefined
        ? []
        : [admitCalls(options.admission, unitsOf(options.services), recordRefusals(security))]),
    ],
    'grpc.max_receive_message_length': largestRequest(options.services),
    'grpc.max_send_message_length': limits.sendBytesMax,
    'grpc.max_concurrent_streams': limits.streamsMax,
    ...connectionOptions(options.admission?.limits.connections),
    // Detects a caller whose machine is gone, so that its streams end.
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
  })
  const tracker = createCallTracker()
  const observe = createCallObserver({ ...options, security })
  const pipeline = { ...options, limits, tracker, observe }
  for (const { service, methods } of options.services) {
    const definition: Record<string, ServiceDefinition[string]> = {}
    const handlers: UntypedServiceImplementation = {}
    for (const implementation of methods) {
      const { method } = implementation
      const isStream = method.methodKind === 'server_streaming'
      definition[method.localName] = {
        path: `/${service.typeName}/${method.name}`,
        requestStream: false,
        responseStream: isStream,
        // The pipeline decodes and encodes, so that a failure there is mapped, logged and counted like any other.
        requestSerialize: asBuffer,
        requestDeserialize: asBuffer,
        responseSerialize: asBuffer,
        responseDeserialize: asBuffer,
      }
      handlers[method.localName] = isStream
        ? serveStream(implementation, pipeline)
        : serveUnary(implementation, pipeline)
    }
    server.addService(definition, handlers)
  }
  const names = options.services.map(({ service }) => service.typeName)
  const stopHealth = serveHealth(server, names, options.health)
  if (options.reflection ?? true)
    serveReflection(
      server,
      options.services.map(({ service }) => service),
    )

  let acceptor: Awaited<ReturnType<typeof listen>> | undefined
  return {
    async start() {
      const connections = options.admission?.connections
      acceptor = await listen(server, serverCredentials(options.tls), options.address, connections)
      return acceptor.address
    },
    async stop(deadlineMs = 5_000) {
      acceptor?.stop()
      const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
      await tracker.drain(deadlineMs)
      stopHealth()
      // No call of ours is left: what is still open are idle connections and watchers of the health service.
      const force = setTimeout(() => server.forceShutdown(), 100)
      await closed
      clearTimeout(force)
    },
  }
}

/** Records callers whom admission refuses in the security log. */
function recordRefusals(security: SecurityLog) {
  return (path: string, peer: string, error: unknown): void => {
    const { code, reason } = toApiError(error)
    const kind = refusalKindOf(code) ?? 'not_admitted'
    security.record({ kind, subject: '', peer, method: path.slice(1), outcome: codeName(code), reason })
  }
}

/** The largest request of any method. Each method has its own limit, by its contract. */
function largestRequest(services: readonly ServiceImplementation[]): number {
  const methods = services.flatMap((service) => service.methods)
  return Math.max(foreignRequestBytesMax, ...methods.map(({ requestBytesMax }) => requestBytesMax))
}

/** Makes grpc-js send GOAWAY to a connection that is old or idle, so that its client opens another one first. */
function connectionOptions(limits: ConnectionLimits | undefined): ChannelOptions {
  if (limits === undefined) return {}
  return {
    'grpc.max_connection_age_ms': limits.ageMaxMs,
    'grpc.max_connection_age_grace_ms': limits.ageGraceMs,
    'grpc.max_connection_idle_ms': limits.idleMaxMs,
    // The MB that node buffers for one session whose peer does not read; grpc-js itself has no bound.
    'grpc-node.max_session_memory': 32,
  }
}

/** The cost of a method, by its path. Methods of health and reflection count as the cheapest. */
function unitsOf(services: readonly ServiceImplementation[]): (path: string) => number {
  const units = new Map<string, number>()
  for (const { service, methods } of services)
    for (const { method, units: cost } of methods) units.set(`/${service.typeName}/${method.name}`, cost)
  return (path) => units.get(path) ?? callUnits.sharedWrite
}

function asBuffer(bytes: Buffer): Buffer {
  return bytes
}
