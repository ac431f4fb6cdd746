import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Authenticator } from '@boxoffice/common/auth/auth.ts'
import { type ApiError, apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createTestAuth, type TestAuth } from '@boxoffice/common/testing/auth.ts'
import { expect } from 'chai'
import type { FastifyInstance } from 'fastify'
import { createFeed, type Feed } from '../feed/feed.ts'
import { registerEvents } from './events.ts'
import { createApp } from './http-app.ts'
import { registerSignIn } from './sign-in.ts'

describe('the stream over HTTP', () => {
  const log = createLog({ service: 'test', level: 'silent' })
  let auth: TestAuth
  let feed: Feed
  let app: FastifyInstance
  let url: string
  /** The error that refuses the tokens of open streams; undefined while they are accepted. */
  let refusal: ApiError | undefined

  beforeEach(async () => {
    auth = await createTestAuth()
    feed = createFeed({ read: async () => [], end: async () => 0n, log, heartbeatMs: 50 })
    app = createApp(log)
    const checked = registerSignIn(app, {
      authJwks: auth.jwksFile,
      authIssuer: auth.issuer,
      authAudience: auth.audience,
      authTokenLifeMaxMs: 365 * 86_400_000,
      demoKeyFile: '',
    })
    refusal = undefined
    const watched: Authenticator = {
      authenticate(authorization) {
        if (refusal !== undefined) throw refusal
        return checked.authenticate(authorization)
      },
    }
    registerEvents(app, feed, watched, { tokenCheckMs: 20 })
    await app.listen({ host: '127.0.0.1', port: 0 })
    url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/events`
  })
  afterEach(async () => {
    await feed.stop()
    await app.close()
    await auth.dispose()
  })

  it('ends when the token of its reader does', async () => {
    // The token has expired, but is still within the tolerance for clocks that are a few seconds behind.
    const response = await open(-2)
    expect([response.status, feed.readers]).to.deep.equal([200, 1])
    expect(await response.text()).to.contain(': still here')
    expect(feed.readers).to.equal(0)
    expect((await open(-5)).status).to.equal(401)
  })

  it('ends when the key of its reader is withdrawn, and not while keys cannot be read', async () => {
    const response = await open(3_600)
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    refusal = apiError(Code.UNAVAILABLE, ErrorReason.NOT_READY, 'no keys')
    await setTimeout(100)
    expect(feed.readers).to.equal(1)
    refusal = apiError(Code.UNAUTHENTICATED, ErrorReason.TOKEN_INVALID, 'withdrawn')
    while (!(await reader.read()).done);
    expect(feed.readers).to.equal(0)
  })

  it('goes on for a token that lasts longer than any timer', async () => {
    const response = await open(100 * 86_400)
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const decoder = new TextDecoder()
    let text = ''
    while (!text.includes(': still here')) {
      const { done, value } = await reader.read()
      expect(done, 'the stream has ended').to.equal(false)
      text += decoder.decode(value)
    }
    await reader.cancel()
  })

  it('refuses a position that is not valid', async () => {
    const authorization = `Bearer ${await auth.token('olga', { roles: ['viewer'] })}`
    for (const position of ['x', '-1', '1.5', '9223372036854775808', '1, 2', '9'.repeat(100)]) {
      const header = await app.inject({
        url: '/api/events',
        headers: { authorization, 'last-event-id': position },
      })
      const query = await app.inject({
        url: '/api/events',
        query: { after: position },
        headers: { authorization },
      })
      expect([header.statusCode, query.statusCode], position).to.deep.equal([400, 400])
    }
    expect(feed.readers).to.equal(0)
  })

  it('is refused once the replica is stopping, which sends readers to another replica', async () => {
    const stream = await open(60)
    expect(stream.status).to.equal(200)
    await feed.stop()
    expect(await stream.text()).to.contain('retry: 1000')
    const again = await open(60)
    expect(again.status).to.equal(503)
    expect([again.headers.get('retry-after'), again.headers.get('connection')]).to.deep.equal(['1', 'close'])
    expect(await again.json()).to.deep.equal({
      code: 'UNAVAILABLE',
      reason: 'NOT_READY',
      message: 'This replica is stopping; come back to another',
    })
  })

  async function open(expiresInS: number): Promise<Response> {
    const token = await auth.token('ada', { roles: ['viewer'], expiresInS })
    return await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  }
})
