import { createAdmission } from '../admission/admission.ts'
import { type AdmissionLimits, admissionLimits } from '../admission/limits.ts'
import { createAuthenticator } from '../auth/auth.ts'
import { admissionSettings } from '../config/admission-settings.ts'
import { readSettings } from '../config/settings.ts'
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

type TestServerOptions = Partial<Omit<ServerOptions, 'admission'>> & { readonly admission?: AdmissionLimits }

/** The limits of the default settings. */
export const defaultAdmissionLimits = admissionLimits(readSettings({}, admissionSettings))

/** Serves services on a real socket and a free port, as a service does; with `admission`, within these limits. */
export async function startTestServer(
  services: ServerOptions['services'],
  auth: TestAuth,
  { admission: limits, ...options }: TestServerOptions = {},
): Promise<TestServer> {
  const readiness = createReadiness()
  const metrics = createMetrics('test')
  const authenticator = createAuthenticator({
    jwks: auth.jwksFile,
    issuer: auth.issuer,
    audience: auth.audience,
  })
  const server = createServer({
    services,
    auth: authenticator,
    admission: limits && createAdmission({ auth: authenticator, limits, metrics }),
    log: createLog({ service: 'test', level: 'silent' }),
    metrics,
    address: '127.0.0.1:0',
    health: readiness,
    ...options,
  })
  return { address: await server.start(), readiness, metrics, stop: server.stop }
}
