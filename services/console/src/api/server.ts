import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Admission } from '@boxoffice/common/admission/admission.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { Metrics } from '@boxoffice/common/telemetry/metrics.ts'
import { createSecurityLog } from '@boxoffice/common/telemetry/security-log.ts'
import type { Tracer } from '@boxoffice/messaging/telemetry'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import type { Overview } from '../contract/answers.ts'
import type { Feed } from '../feed/feed.ts'
import type { Cluster } from '../observe/read-cluster.ts'
import { admitRequests } from './admit-requests.ts'
import { registerConcerts } from './concerts.ts'
import { countAnswers } from './count-answers.ts'
import { registerDeadLetters } from './dead-letters.ts'
import { registerEvents } from './events.ts'
import { createApp } from './http-app.ts'
import { registerOverview } from './overview.ts'
import { registerPayments } from './payments.ts'
import { recordSecurity } from './record-security.ts'
import { registerReplays } from './replays.ts'
import type { Services } from './services.ts'
import { registerSignIn, type SignInOptions } from './sign-in.ts'
import { traceRequests } from './trace-requests.ts'
import { registerTrail } from './trail.ts'
import { registerWallet } from './wallet.ts'

export interface ServerParts {
  readonly consumer: string
  readonly database: Database
  readonly cluster: Cluster
  readonly services: Services
  readonly feed: Feed
  readonly log: Logger
  readonly metrics: Metrics
  readonly tracer: Tracer | undefined
  readonly signIn: SignInOptions
  /** Without it every request is admitted. */
  readonly admission?: Admission
  /** The built page. */
  readonly pageDir: string
  look(): Promise<Overview>
}

/** Creates the server of the page and its API; it does not listen yet. */
export function createServer(parts: ServerParts): FastifyInstance {
  const { database, services, feed, log } = parts
  const app = createApp(log)
  countAnswers(app, parts.metrics)
  app.addHook('onSend', async (_request, reply) => {
    void reply.headers(securityHeaders)
  })
  traceRequests(app, parts.tracer)
  recordSecurity(app, createSecurityLog(log))
  if (parts.admission !== undefined) admitRequests(app, parts.admission)
  void app.register(async (api) => {
    const auth = registerSignIn(api, parts.signIn)
    registerOverview(api, parts)
    registerTrail(api, parts)
    registerPayments(api, database, services)
    registerConcerts(api, database, services)
    registerWallet(api, services)
    registerDeadLetters(api, services)
    registerReplays(api, services)
    registerEvents(api, feed, auth)
  })
  const pageDir = path.resolve(parts.pageDir)
  if (existsSync(pageDir)) {
    void app.register(fastifyStatic, {
      root: pageDir,
      preCompressed: true,
      setHeaders(response, file) {
        // Names of assets contain a digest of their content.
        const isAsset = file.includes(`${path.sep}assets${path.sep}`)
        response.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  } else log.warn({ pageDir }, 'the page has not been built: only its API is served')
  return app
}

/** The page may load nothing from other hosts, and so works without the internet. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}
