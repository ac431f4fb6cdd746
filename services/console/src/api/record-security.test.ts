import { createLog } from '@boxoffice/common/telemetry/log.ts'
import type { SecurityEvent } from '@boxoffice/common/telemetry/security-log.ts'
import { createTestAuth, type TestAuth } from '@boxoffice/common/testing/auth.ts'
import { expect } from 'chai'
import type { FastifyInstance } from 'fastify'
import { createApp } from './http-app.ts'
import { recordSecurity } from './record-security.ts'
import { registerSignIn } from './sign-in.ts'
import { traceRequests } from './trace-requests.ts'

const id = '5a0c7b5e-8b7b-4a53-9c3a-0d2f5b6f3a10'

describe("the console's security log", () => {
  let auth: TestAuth
  let app: FastifyInstance
  let events: SecurityEvent[]
  beforeEach(async () => {
    auth = await createTestAuth()
    events = []
    app = createApp(createLog({ service: 'test', level: 'silent' }))
    traceRequests(app, undefined)
    recordSecurity(app, { record: (event) => events.push(event) })
    registerSignIn(app, {
      authJwks: auth.jwksFile,
      authIssuer: auth.issuer,
      authAudience: auth.audience,
      authTokenLifeMaxMs: 86_400_000,
      demoKeyFile: '',
    })
    app.post('/api/dead-letters/:service/:id/discard', async () => ({}))
    app.get('/api/overview', async () => ({}))
  })
  afterEach(async () => {
    await app.close()
    await auth.dispose()
  })

  const ask = async (method: 'GET' | 'POST', url: string, roles?: readonly string[]) => {
    const token = roles && (await auth.token('olga', { roles }))
    await app.inject({
      method,
      url,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(method === 'POST' ? { body: { requestId: id, reason: 'a payload' } } : {}),
    })
  }
  const discard = `/api/dead-letters/payment/${id}/discard`

  it('has each change with its caller, address, ids and outcome, and without its payload', async () => {
    await ask('POST', discard, ['operator'])
    expect(events).to.have.lengthOf(1)
    expect(events[0]).to.deep.include({
      kind: 'change',
      subject: 'olga',
      method: 'POST /api/dead-letters/:service/:id/discard',
      ids: { service: 'payment', id, requestId: id },
      outcome: '200',
    })
    expect(events[0]?.peer).to.match(/^127\.0\.0\.1:\d+$/)
    expect(JSON.stringify(events)).to.not.include('a payload')
  })

  it('has each refusal, and no entry for a caller who only reads', async () => {
    await ask('GET', '/api/overview', ['viewer'])
    expect(events).to.deep.equal([])
    await ask('GET', '/api/overview')
    await ask('GET', '/api/overview', ['admin'])
    await ask('POST', discard, ['viewer'])
    expect(events.map(({ kind, subject, outcome }) => [kind, subject, outcome])).to.deep.equal([
      ['unauthenticated', '', '401'],
      ['permission_denied', 'olga', '403'],
      ['permission_denied', 'olga', '403'],
    ])
  })
})
