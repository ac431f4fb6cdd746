import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { createTestAuth, type TestAuth } from '@boxoffice/common/testing/auth.ts'
import { expect } from 'chai'
import type { FastifyInstance } from 'fastify'
import { createServer, type ServerParts } from './server.ts'

describe("the console's API", () => {
  let auth: TestAuth
  let server: FastifyInstance
  before(async () => {
    auth = await createTestAuth()
    // No request of these tests reaches what is behind the API.
    const parts: Partial<ServerParts> = {
      consumer: 'console',
      log: createLog({ service: 'test', level: 'silent' }),
      tracer: undefined,
      services: { operators: {} } as ServerParts['services'],
      signIn: {
        authJwks: auth.jwksFile,
        authIssuer: auth.issuer,
        authAudience: auth.audience,
        authTokenLifeMaxMs: 86_400_000,
        demoKeyFile: '',
      },
      metrics: createMetrics('console'),
      pageDir: '/nowhere',
    }
    server = createServer(parts as ServerParts)
    await server.ready()
  })
  after(async () => {
    await server.close()
    await auth.dispose()
  })

  for (const path of ['me', 'overview', 'events', 'payments', 'groups', 'topics', 'concerts', 'wallet']) {
    it(`asks for a token at /api/${path}, however the path is written`, async () => {
      for (const api of ['/api/', '/%61pi/', 'http://elsewhere/api/', 'http://elsewhere/a%70i/']) {
        expect((await server.inject(api + path)).statusCode, api).to.equal(401)
      }
    })
  }

  it('refuses times that do not exist', async () => {
    const authorization = `Bearer ${await auth.token('olga', { roles: ['operator'] })}`
    for (const from of ['latest', '2026-13-40T00:00:00Z', '2026-02-01', '9999-12-31T23:59:60Z']) {
      const asked = { method: 'POST', url: '/api/replays/payment/dry-run', body: { from } } as const
      const { statusCode, body } = await server.inject({ ...asked, headers: { authorization } })
      expect(statusCode, body).to.equal(400)
    }
  })

  it('answers without a token whether it has a demo sign-in', async () => {
    expect((await server.inject('/api/session')).json()).to.deep.equal({ demo: false })
  })
})
