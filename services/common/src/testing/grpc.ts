import { createAuthenticator } from '../grpc/auth.ts'
import { createServer, type GrpcServer, type ServerOptions } from '../grpc/server.ts'
import { createReadiness, type Readiness } from '../lifecycle/readiness.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import type { TestAuth } from './auth.ts'

export interface TestServer {
  readonly address: string
  readonly readiness: Readiness
  readonly metrics: Metrics
  stop: GrpcServer['stop']
}

/** Serves services over a real socket on a free port, as a service does. */
export async function startTestServer(
  services: ServerOptions['services'],
  auth: TestAuth,
  options: Partial<ServerOptions> = {},
): Promise<TestServer> {
  const readiness = createReadiness()
  const metrics = createMetrics('test')
  const server = createServer({
    services,
    auth: createAuthenticator({ jwks: auth.jwksFile, issuer: auth.issuer, audience: auth.audience }),
    log: createLog({ service: 'test', level: 'silent' }),
    metrics,
    address: '127.0.0.1:0',
    health: readiness,
    ...options,
  })
  return { address: await server.start(), readiness, metrics, stop: server.stop }
}
