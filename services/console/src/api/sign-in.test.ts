import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createTestAuth, type TestAuth } from '@boxoffice/common/testing/auth.ts'
import { expect } from 'chai'
import type { FastifyInstance } from 'fastify'
import { exportJWK, generateKeyPair } from 'jose'
import { createApp } from './http-app.ts'
import { registerSignIn, requireOperator } from './sign-in.ts'

describe('signing in to the console', () => {
  let auth: TestAuth
  let dir: string
  let demoKeyFile: string
  let app: FastifyInstance

  before(async () => {
    auth = await createTestAuth()
    dir = await mkdtemp(path.join(tmpdir(), 'console-'))
    // A pair of its own, which signs and is checked like the local identity provider's.
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const marks = { kid: 'demo', alg: 'ES256' }
    demoKeyFile = path.join(dir, 'private.json')
    await writeFile(demoKeyFile, JSON.stringify({ ...(await exportJWK(privateKey)), ...marks }))
    await writeFile(
      path.join(dir, 'jwks.json'),
      JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...marks }] }),
    )
  })
  beforeEach(() => {
    app = appWith({ authJwks: auth.jwksFile, demoKeyFile: '' })
  })
  afterEach(() => app.close())
  after(async () => {
    await auth.dispose()
    await rm(dir, { recursive: true })
  })

  it('asks for a token that the services would take, with a role to read', async () => {
    expect(await statusOf('GET', '/api/me')).to.equal(401)
    expect(await statusOf('GET', '/api/me', 'nonsense')).to.equal(401)
    expect(await statusOf('GET', '/api/me', await auth.token('ada'))).to.equal(403)
    expect(await statusOf('GET', '/api/me', await auth.token('ada', { roles: ['viewer'] }))).to.equal(200)
    expect(await statusOf('GET', '/api/me', await auth.token('olga', { roles: ['operator'] }))).to.equal(200)
  })

  it('asks for it however the path is written', async () => {
    for (const url of [
      '/%61pi/me',
      '/api/%6de',
      'http://elsewhere/api/me',
      '//api/me',
      '/api//me',
      '/API/me',
    ]) {
      expect(await statusOf('GET', url), url).to.be.oneOf([401, 404])
    }
    expect(await statusOf('GET', '/%61pi/me')).to.equal(401)
  })

  it('lets nobody but an operator change how things are', async () => {
    expect(await statusOf('POST', '/api/operate', await auth.token('ada', { roles: ['viewer'] }))).to.equal(
      403,
    )
    expect(
      await statusOf('POST', '/api/operate', await auth.token('olga', { roles: ['operator'] })),
    ).to.equal(200)
  })

  it('hands out no token where it is not told to', async () => {
    expect((await app.inject('/api/session')).json()).to.deep.equal({ demo: false })
    const asked = await auth.token('ada', { roles: ['viewer'] })
    expect(await statusOf('POST', '/api/session/demo', asked)).to.equal(404)
  })

  it('signs in whoever opens the page on this machine where it is told to, and no stranger', async () => {
    app = appWith({ authJwks: path.join(dir, 'jwks.json'), demoKeyFile })
    const stranger = {
      method: 'POST',
      url: '/api/session/demo',
      headers: { host: 'evil.example:7080' },
    } as const
    expect((await app.inject(stranger)).statusCode).to.equal(403)
    const answer = await app.inject({ ...stranger, headers: { host: '127.0.0.1:7080' } })
    const { token } = answer.json<{ token: string }>()
    const me = await app.inject({ url: '/api/me', headers: { authorization: `Bearer ${token}` } })
    expect(me.json()).to.deep.equal({ user: 'demo', roles: ['viewer', 'operator'] })
  })

  function appWith(options: { authJwks: string; demoKeyFile: string }): FastifyInstance {
    const made = createApp(createLog({ service: 'test', level: 'silent' }))
    registerSignIn(made, {
      ...options,
      authIssuer: auth.issuer,
      authAudience: auth.audience,
      authTokenLifeMaxMs: 86_400_000,
    })
    made.post('/api/operate', async (request) => {
      requireOperator(request)
      return {}
    })
    return made
  }

  async function statusOf(method: 'GET' | 'POST', url: string, token?: string): Promise<number> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    return (await app.inject({ method, url, headers })).statusCode
  }
})
