import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { createTestAuth, type TestAuth } from '../testing/auth.ts'
import { type Authenticator, createAuthenticator } from './auth.ts'

const invalid = { code: 16, reason: 'TOKEN_INVALID' }
const common = { issuer: 'boxoffice', audience: 'boxoffice' }

describe('the authenticator', () => {
  let auth: TestAuth
  let authenticator: Authenticator
  before(async () => {
    auth = await createTestAuth()
    authenticator = createAuthenticator({ ...common, jwks: auth.jwksFile })
  })
  after(() => auth.dispose())

  const subjectOf = async (token: string, by: Authenticator = authenticator): Promise<unknown> => {
    try {
      return (await by.authenticate(`Bearer ${token}`)).subject
    } catch (error) {
      return error
    }
  }

  it('accepts each supported algorithm', async () => {
    for (const algorithm of ['ES256', 'EdDSA', 'RS256']) {
      const other = await createTestAuth({ algorithm })
      const by = createAuthenticator({ ...common, jwks: other.jwksFile })
      expect(await subjectOf(await other.token('alice'), by), algorithm).to.equal('alice')
      await other.dispose()
    }
  })

  it('refuses other algorithms, and none', async () => {
    const other = await createTestAuth({ algorithm: 'PS256' })
    const by = createAuthenticator({ ...common, jwks: other.jwksFile })
    expect(await subjectOf(await other.token('alice'), by)).to.include(invalid)
    await other.dispose()
    const unsigned = new UnsecuredJWT({}).setSubject('a').setIssuer('boxoffice').setAudience('boxoffice')
    expect(await subjectOf(unsigned.setExpirationTime('1h').encode())).to.include(invalid)
  })

  it('does not accept a public key as a shared secret', async () => {
    const { publicKey } = await generateKeyPair('ES256')
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(publicKey)))
    const forged = new SignJWT({}).setProtectedHeader({ alg: 'HS256', kid: 'test' }).setSubject('a')
    const token = await forged
      .setIssuer('boxoffice')
      .setAudience('boxoffice')
      .setExpirationTime('1h')
      .sign(secret)
    expect(await subjectOf(token)).to.include(invalid)
  })

  it('refuses a remembered token once it has expired', async () => {
    let now = Date.now()
    const by = createAuthenticator({ ...common, jwks: auth.jwksFile, now: () => now })
    const token = await auth.token('alice', { expiresInS: 30 })
    expect(await subjectOf(token, by)).to.equal('alice')
    expect(by.authenticate(`Bearer ${token}`)).to.not.be.instanceOf(Promise)
    now += 40_000
    expect(await subjectOf(token, by)).to.include({ ...invalid, message: 'The token has expired' })
  })

  it('returns until when a token is accepted, which is a little after it expires', async () => {
    let now = Date.now()
    const by = createAuthenticator({ ...common, jwks: auth.jwksFile, now: () => now })
    const token = await auth.token('alice', { expiresInS: 30 })
    const { tokenEndsAtMs } = await by.authenticate(`Bearer ${token}`)
    now = tokenEndsAtMs - 1
    expect(await subjectOf(token, by)).to.equal('alice')
    now = tokenEndsAtMs
    expect(await subjectOf(token, by)).to.include(invalid)
  })

  it('refuses a token that is valid for longer than the limit, whatever its time of issue', async () => {
    const now = 1_800_000_000
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-life-'))
    const jwks = path.join(dir, 'jwks.json')
    await writeFile(jwks, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] }))
    const by = createAuthenticator({ ...common, jwks, now: () => now * 1000, tokenLifeMsMax: 3_600_000 })
    const outcome = async (iat: unknown, exp: number): Promise<unknown> => {
      const claims = {
        sub: 'alice',
        iss: 'boxoffice',
        aud: 'boxoffice',
        exp,
        ...(iat === undefined ? {} : { iat }),
      }
      return await subjectOf(
        await new SignJWT(claims as never).setProtectedHeader({ alg: 'ES256' }).sign(privateKey),
        by,
      )
    }
    const tooLong = {
      ...invalid,
      message: 'The token is valid for longer than 3600 seconds, the most that is taken here',
    }
    expect(await outcome(now, now + 3_600)).to.equal('alice')
    expect(await outcome(undefined, now + 3_600)).to.equal('alice')
    for (const iat of [now, undefined, now + 86_400, now - 3_600]) {
      expect(await outcome(iat, now + 3_610), String(iat)).to.include(tooLong)
    }
    expect(await outcome(now - 100_000, now + 60)).to.include(tooLong)
    expect(await outcome(30_000 * 31_556_952 - 60, 30_000 * 31_556_952)).to.include(tooLong)
    await rm(dir, { recursive: true })
  })

  it('accepts a token of a day, and no longer one, by default', async () => {
    expect(await subjectOf(await auth.token('alice', { expiresInS: 86_400 }))).to.equal('alice')
    expect(await subjectOf(await auth.token('alice', { expiresInS: 86_500 }))).to.include(invalid)
  })

  it('verifies a token once, and remembers a limited number', async () => {
    const by = createAuthenticator({ ...common, jwks: auth.jwksFile, cacheSize: 2 })
    const tokens = await Promise.all(['a', 'b', 'c'].map((subject) => auth.token(subject)))
    for (const token of tokens) await by.authenticate(`Bearer ${token}`)
    const answers = tokens.map((token) => by.authenticate(`Bearer ${token}`))
    expect(answers.map((answer) => answer instanceof Promise)).to.deep.equal([true, false, false])
    await Promise.all(answers)
  })

  it('verifies a remembered token again after a minute, in case its key was withdrawn', async () => {
    let now = Date.now()
    const by = createAuthenticator({ ...common, jwks: auth.jwksFile, now: () => now })
    const token = await auth.token('alice')
    await by.authenticate(`Bearer ${token}`)
    now += 61_000
    const answer = by.authenticate(`Bearer ${token}`)
    expect(answer).to.be.instanceOf(Promise)
    await answer
  })

  it('answers NOT_READY while it cannot read any key', async () => {
    const notReady = { code: 14, reason: 'NOT_READY' }
    for (const jwks of ['/no/such/file', 'http://127.0.0.1:1/jwks']) {
      const by = createAuthenticator({ ...common, jwks })
      expect(await subjectOf(await auth.token('alice'), by), jwks).to.include(notReady)
    }
  })

  it('fetches keys from a URL', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const body = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'remote', alg: 'ES256' }] })
    const server = createServer((_request, response) => response.end(body))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const by = createAuthenticator({ ...common, jwks: `http://127.0.0.1:${port}/jwks` })
    const token = new SignJWT({ roles: ['admin'] }).setProtectedHeader({ alg: 'ES256', kid: 'remote' })
    token.setSubject('alice').setIssuer('boxoffice').setAudience('boxoffice').setExpirationTime('1h')
    expect(await subjectOf(await token.sign(privateKey), by)).to.equal('alice')
    server.close()
    server.closeAllConnections()
  })
})
