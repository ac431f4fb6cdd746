import { randomUUID } from 'node:crypto'
import { implement } from '@boxoffice/common/grpc/server.ts'
import { clientCredentials } from '@boxoffice/common/grpc/tls.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { createTestAuth, type TestAuth } from '@boxoffice/common/testing/auth.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { fuzzSettings } from '@boxoffice/common/testing/fuzz/fuzz-service.ts'
import { startTestServer, type TestServer } from '@boxoffice/common/testing/grpc.ts'
import { ConsumerService } from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { ReplayService } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { expect } from 'chai'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { createFeed, type Feed } from '../feed/feed.ts'
import { CreateTrail } from '../storage/migrations/0001-create-trail.ts'
import { type Route, requestsTo, statusOf } from '../testing/fuzz-routes.ts'
import { createServer, type ServerParts } from './server.ts'
import { connectServices } from './services.ts'

const paymentId = '0a1b2c3d-4e5f-4789-8abc-def012345678'

/** A valid value for each field of each route. */
const good = {
  ...{ id: paymentId, payment: paymentId, concert: paymentId, service: 'payment' },
  ...{ status: 'FAILED', user: 'ada', faulty: 'true', limit: '5', all: 'true', pageToken: 'abc', after: '1' },
  before: `2026-11-29T17:00:00.000Z/${paymentId}`,
  ...{ requestId: paymentId, reservationId: paymentId, concertId: paymentId, seats: ['A-1-1'], amount: '5' },
  ...{ lostMax: 0, from: 'earliest', reason: 'a reason', outcome: 'REFUSED' },
}

describe("the console's routes, whatever a request contains,", () => {
  const log = createLog({ service: 'test', level: 'silent' })
  const routes: Route[] = []
  let auth: TestAuth
  let db: TestDatabase
  let behind: TestServer
  let services: ReturnType<typeof connectServices>
  let feed: Feed
  let app: FastifyInstance
  let address: URL
  let authorization: string

  before(async () => {
    auth = await createTestAuth()
    db = await createTestDatabase({ entities: [], migrations: [CreateTrail] })
    await query(db.database.em(), insertPayment, [paymentId, randomUUID()])
    behind = await startTestServer(stubs(), auth)
    const target = behind.address
    services = connectServices(
      { payment: target, point: target, reservation: target },
      clientCredentials(undefined),
    )
    feed = createFeed({ read: async () => [], end: async () => 0n, log })
    app = createServer({
      ...{ consumer: 'console', database: db.database, services, feed, log, tracer: undefined },
      cluster: { ranges: async () => new Map(), groups: async () => [], topics: async () => [] } as never,
      signIn: {
        authJwks: auth.jwksFile,
        authIssuer: auth.issuer,
        authAudience: auth.audience,
        authTokenLifeMaxMs: 86_400_000,
        demoKeyFile: '',
      },
      metrics: createMetrics('console'),
      pageDir: 'services/console/web',
      look: async () => ({}) as Awaited<ReturnType<ServerParts['look']>>,
    })
    app.addHook('onRoute', ({ url, schema, method }) => {
      for (const verb of [method].flat()) routes.push({ url, schema: schema ?? {}, method: verb })
    })
    address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
    const roles = ['viewer', 'operator', 'custodian', 'cashier']
    authorization = `Bearer ${await auth.token('olga', { roles })}`
  })
  after(async () => {
    await feed?.stop()
    await app?.close()
    services?.close()
    await behind?.stop()
    await db?.drop()
    await auth?.dispose()
  })

  it('never answer that it is their own fault', async function () {
    this.timeout(300_000)
    const urls = routes.map(({ url }) => url)
    expect(urls).to.include.members([
      '/api/payments',
      '/api/events',
      '/api/holds',
      '/api/trail/rebuild',
      '/*',
    ])
    for (const route of routes) {
      await fc.assert(
        fc.asyncProperty(requestsTo(route, good, authorization), async (request) => {
          const status = await statusOf(address, request)
          expect(status, JSON.stringify(request)).to.be.within(200, 499)
        }),
        fuzzSettings,
      )
    }
  })

  it('refuse every place that is not valid', async () => {
    for (const before of [
      'x',
      `9999-12-31T23:59:60.000Z/${paymentId}`,
      `2026-11-29T17:00:00.000Z/${'f'.repeat(36)}`,
    ]) {
      const path = `/api/payments?before=${encodeURIComponent(before)}`
      expect(await statusOf(address, { method: 'GET', path, headers: { authorization } }), before).to.equal(
        400,
      )
    }
  })
})

/** Services with the real pipeline and with handlers that return nothing: each service has a fuzz test of its own. */
function stubs() {
  const handlers = new Proxy({}, { get: () => async () => ({}) }) as never
  const all = [
    CheckoutService,
    PointService,
    ReservationService,
    ConsumerService,
    DeadLetterService,
    ReplayService,
  ]
  return all.map((service) => implement(service as typeof CheckoutService, handlers))
}

const insertPayment = `
  INSERT INTO payment (payment_id, user_id, reservation_id, amount, status, refund, sequence, created_at, updated_at, recorded_at)
  VALUES ($1, 'ada', $2, 5, 'FAILED', 'NONE', 1, now(), now(), now())`
