import type { AddressInfo } from 'node:net'
import { createAdmission } from '@boxoffice/common/admission/admission.ts'
import type { AdmissionLimits } from '@boxoffice/common/admission/limits.ts'
import { createAuthenticator } from '@boxoffice/common/auth/auth.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics, type Metrics } from '@boxoffice/common/telemetry/metrics.ts'
import { createTestAuth, type TestAuth } from '@boxoffice/common/testing/auth.ts'
import { defaultAdmissionLimits } from '@boxoffice/common/testing/grpc.ts'
import { expect } from 'chai'
import type { FastifyInstance } from 'fastify'
import { createFeed, type Feed } from '../feed/feed.ts'
import { admitRequests } from './admit-requests.ts'
import { registerEvents } from './events.ts'
import { createApp } from './http-app.ts'
import { registerSignIn } from './sign-in.ts'

describe('admission to the API over HTTP', () => {
  const log = createLog({ service: 'test', level: 'silent' })
  let auth: TestAuth
  let feed: Feed
  let app: FastifyInstance
  let metrics: Metrics
  let url: string
  /** GET /api/slow answers when this resolves. */
  let released: Promise<string>
  let release: (text: string) => void
  /** The number of calls of GET /api/slow. */
  let slowCalls: number
  const leaving: AbortController[] = []

  beforeEach(async () => {
    slowCalls = 0
    auth = await createTestAuth()
    released = new Promise((resolve) => {
      release = resolve
    })
  })
  afterEach(async () => {
    release('released')
    for (const request of leaving.splice(0)) request.abort()
    await feed.stop()
    await app.close()
    await auth.dispose()
  })

  it('turns away what one reader has too many of, with 429 and Retry-After, and lets others in', async () => {
    await serve({ stream: { perProcess: 10, perCaller: 2 } })
    const statuses = [await open('ada'), await open('ada'), await open('ada')].map(({ status }) => status)
    expect(statuses).to.deep.equal([200, 200, 429])
    const refused = await open('ada')
    expect(refused.headers.get('retry-after')).to.equal('1')
    expect(await refused.json()).to.include({ code: 'RESOURCE_EXHAUSTED', reason: 'TOO_MUCH_AT_ONCE' })
    expect((await open('bob')).status).to.equal(200)
  })

  it('frees the place of a reader who leaves', async () => {
    await serve({ stream: { perProcess: 10, perCaller: 1 } })
    await open('ada')
    expect((await open('ada')).status).to.equal(429)
    leaving[0]?.abort()
    await until(async () => (await inFlight('stream')) === 0)
    expect((await open('ada')).status).to.equal(200)
  })

  it('counts the work of a caller who has left until it ends', async () => {
    await serve({ call: { perProcess: 10, perCaller: 1 } })
    const gone = ask('ada', '/api/slow').catch(() => undefined)
    await until(async () => slowCalls === 1)
    leaving[0]?.abort()
    await gone
    expect((await ask('ada', '/api/me')).status).to.equal(429)
    release('made')
    await until(async () => (await inFlight('call')) === 0)
    expect((await ask('ada', '/api/me')).status).to.equal(200)
  })

  it('answers an invalid token with 401, and with 429 once its address has sent many', async () => {
    await serve({}, { failedTokensPerSecond: 1, failedTokensBurst: 3 })
    const answers = []
    for (let nth = 0; nth < 6; nth++) {
      const headers = { authorization: `Bearer ${nth}.not.valid` }
      answers.push((await fetch(new URL('/api/me', url), { headers })).status)
    }
    expect(answers.slice(0, 3)).to.deep.equal([401, 401, 401])
    expect(answers.slice(3)).to.include(429)
    expect((await fetch(new URL('/api/session', url))).status).to.equal(200)
  })

  async function serve(
    places: Partial<AdmissionLimits['places']>,
    limits: Partial<AdmissionLimits> = {},
  ): Promise<void> {
    const authenticator = createAuthenticator({
      jwks: auth.jwksFile,
      issuer: auth.issuer,
      audience: auth.audience,
    })
    metrics = createMetrics('test')
    feed = createFeed({ read: async () => [], end: async () => 0n, log, heartbeatMs: 50 })
    app = createApp(log)
    const all = {
      ...defaultAdmissionLimits,
      ...limits,
      places: { ...defaultAdmissionLimits.places, ...places },
    }
    admitRequests(app, createAdmission({ auth: authenticator, limits: all, metrics }))
    const tokens = registerSignIn(app, {
      authJwks: auth.jwksFile,
      authIssuer: auth.issuer,
      authAudience: auth.audience,
      authTokenLifeMaxMs: 86_400_000,
      demoKeyFile: '',
    })
    registerEvents(app, feed, tokens)
    app.get('/api/slow', async () => {
      slowCalls += 1
      return await released
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  }

  const open = (subject: string): Promise<Response> => ask(subject, '/api/events')

  async function ask(subject: string, path: string): Promise<Response> {
    const token = await auth.token(subject, { roles: ['viewer'] })
    const leave = new AbortController()
    leaving.push(leave)
    return await fetch(new URL(path, url), {
      headers: { authorization: `Bearer ${token}` },
      signal: leave.signal,
    })
  }

  async function inFlight(callClass: string): Promise<number> {
    const lines = (await metrics.registry.metrics()).split('\n')
    const line = lines.find((text) => text.startsWith(`boxoffice_admission_in_flight{class="${callClass}"`))
    return Number(line?.split(' ').at(-1))
  }
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('not in time')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
