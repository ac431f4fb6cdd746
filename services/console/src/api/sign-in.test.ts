import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ConfigError } from '@boxoffice/common/config/settings.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createTestAuth, type TestAuth } from '@boxoffice/common/testing/auth.ts'
import { expect } from 'chai'
import type { FastifyInstance } from 'fastify'
import { exportJWK, generateKeyPair } from 'jose'
import { signToken } from '../../../../scripts/platform/auth.ts'
import { readConfig } from '../config.ts'
import { createApp } from './http-app.ts'
import { custodianRole, demoRoles, viewerRole } from './roles.ts'
import { registerSignIn } from './sign-in.ts'

describe('signing in to the console', () => {
  let auth: TestAuth
  let dir: string
  let demoKeyFile: string
  let app: FastifyInstance

  before(async () => {
    auth = await createTestAuth()
    dir = await mkdtemp(path.join(tmpdir(), 'console-'))
    // A key pair of its own, which signs and is checked like that of the local identity provider.
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

  it('asks for a token however the path is written', async () => {
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

  it('asks for the operator role for every change, unless the route names another role', async () => {
    const statuses = async (...roles: readonly string[]) => {
      const token = await auth.token('ada', { roles })
      const urls = ['/api/operate', '/api/buy', '/api/forget']
      return await Promise.all(urls.map((url) => statusOf('POST', url, token)))
    }
    expect(await statuses('viewer')).to.deep.equal([403, 200, 403])
    expect(await statuses('operator')).to.deep.equal([200, 200, 403])
    expect(await statuses('custodian')).to.deep.equal([403, 403, 200])
    expect(await statuses('admin', 'cashier')).to.deep.equal([403, 403, 403])
  })

  it('issues no token where the demo is not configured', async () => {
    expect((await app.inject('/api/session')).json()).to.deep.equal({ demo: false })
    const asked = await auth.token('ada', { roles: ['viewer'] })
    expect(await statusOf('POST', '/api/session/demo', asked)).to.equal(404)
  })

  describe('by a link', () => {
    const local = { host: '127.0.0.1:7080' }
    let demoToken: string

    beforeEach(async () => {
      await app.close()
      app = appWith({ authJwks: path.join(dir, 'jwks.json'), demoKeyFile })
      demoToken = await tokenOf(demoRoles)
    })

    it('gives a token to the first request with the code, and to no other', async () => {
      const { code } = (await ask({})).json<{ code: string }>()
      for (const wrong of [{}, { code: '' }, { code: 'x'.repeat(65) }])
        expect((await redeem(wrong)).statusCode, JSON.stringify(wrong)).to.equal(400)
      expect((await redeem({ code: `${code.slice(1)}x` })).statusCode).to.equal(401)
      const answer = await redeem({ code })
      expect(answer.headers['cache-control']).to.equal('no-store')
      const { token } = answer.json<{ token: string }>()
      const me = await app.inject({ url: '/api/me', headers: { authorization: `Bearer ${token}` } })
      expect(me.json()).to.deep.equal({ user: 'demo', roles: ['viewer', 'operator', 'custodian', 'cashier'] })
      expect((await redeem({ code })).statusCode).to.equal(401)
    })

    it('asks for every role that a link gives before it issues one', async () => {
      expect(
        (await app.inject({ method: 'POST', url: '/api/session/links', headers: local })).statusCode,
      ).to.equal(401)
      for (const missing of demoRoles) {
        const authorization = `Bearer ${await tokenOf(demoRoles.filter((role) => role !== missing))}`
        expect((await ask({ authorization })).statusCode, missing).to.equal(403)
      }
    })

    it('is refused for another machine, and for a host name that was made to resolve to this one', async () => {
      const { code } = (await ask({})).json<{ code: string }>()
      for (const host of ['evil.example:7080', '0.0.0.0:7080', '192.168.0.7', 'localhost.evil.example']) {
        expect((await ask({ host })).statusCode, host).to.equal(403)
        expect((await redeem({ code }, { host })).statusCode, host).to.equal(403)
      }
      expect((await redeem({ code }, local, '192.168.0.7')).statusCode).to.equal(403)
      expect((await redeem({ code })).statusCode, 'the code is still valid').to.equal(200)
    })

    function ask(headers: Readonly<Record<string, string>>) {
      const authorization = `Bearer ${demoToken}`
      return app.inject({
        method: 'POST',
        url: '/api/session/links',
        headers: { ...local, authorization, ...headers },
      })
    }

    function redeem(
      payload: object,
      headers: Readonly<Record<string, string>> = local,
      remoteAddress = '127.0.0.1',
    ) {
      return app.inject({ method: 'POST', url: '/api/session/demo', headers, payload, remoteAddress })
    }
  })

  it('by links needs a loopback address: the console does not start on any other', () => {
    const env = {
      ...{
        DATABASE_URL: 'postgres://a@b/c',
        KAFKA_BROKERS: 'localhost:1',
        AUTH_JWKS: demoKeyFile,
        AUTH_ISSUER: 'i',
      },
      ...{ PAYMENT_ADDRESS: 'a:1', POINT_ADDRESS: 'a:1', RESERVATION_ADDRESS: 'a:1', AUTH_AUDIENCE: 'a' },
    }
    const problems = (more: Record<string, string>): readonly string[] => {
      try {
        readConfig({ ...env, ...more })
        return []
      } catch (error) {
        return (error as ConfigError).problems
      }
    }
    for (const address of ['0.0.0.0:7080', '[::]:7080', '192.168.0.7:7080', 'example.com:80']) {
      expect(problems({ HTTP_ADDRESS: address }), address).to.deep.equal([])
      const [problem = '', ...others] = problems({ HTTP_ADDRESS: address, DEMO_KEY_FILE: demoKeyFile })
      expect([
        problem.startsWith(`DEMO_KEY_FILE is set and HTTP_ADDRESS is "${address}"`),
        others,
      ]).to.deep.equal([true, []])
    }
    for (const address of ['', '127.0.0.1:7080', 'localhost:0', '[::1]:7080'])
      expect(problems({ HTTP_ADDRESS: address, DEMO_KEY_FILE: demoKeyFile }), address).to.deep.equal([])
  })

  async function tokenOf(roles: readonly string[]): Promise<string> {
    return await signToken(
      { issuer: auth.issuer, audience: auth.audience, privateKeyFile: demoKeyFile },
      { subject: 'demo', roles },
    )
  }

  function appWith(options: { authJwks: string; demoKeyFile: string }): FastifyInstance {
    const made = createApp(createLog({ service: 'test', level: 'silent' }))
    registerSignIn(made, {
      ...options,
      authIssuer: auth.issuer,
      authAudience: auth.audience,
      authTokenLifeMaxMs: 86_400_000,
    })
    made.post('/api/operate', async () => ({}))
    made.post('/api/buy', { config: { role: viewerRole } }, async () => ({}))
    made.post('/api/forget', { config: { role: custodianRole } }, async () => ({}))
    return made
  }

  async function statusOf(method: 'GET' | 'POST', url: string, token?: string): Promise<number> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    return (await app.inject({ method, url, headers })).statusCode
  }
})
