import { createServer, type Server } from 'node:http'
import { expect } from 'chai'
import { errors, exportJWK, generateKeyPair, type JWK, type JWTVerifyGetKey } from 'jose'
import { freePorts } from '../../../../scripts/platform/ports.ts'
import { createJwksUrl } from './jwks-url.ts'

const dayMs = 24 * 3_600_000

describe('the keys at a URL', () => {
  let keys: JWK[]
  let server: Server
  let port: number
  let answer: () => { readonly status: number; readonly body: string }
  let asked: number
  let now: number
  const logged: string[] = []
  const log = {
    info: (_fields: unknown, message: string) => void logged.push(`info: ${message}`),
    warn: (_fields: unknown, message: string) => void logged.push(`warn: ${message}`),
  } as unknown as NonNullable<Parameters<typeof createJwksUrl>[1]>['log']

  before(async () => {
    keys = await Promise.all(['one', 'other'].map(keyOf))
  })
  beforeEach(async () => {
    now = Date.now()
    asked = 0
    logged.length = 0
    answer = () => ({ status: 200, body: JSON.stringify({ keys: keys.slice(0, 1) }) })
    server = createServer((_request, response) => {
      asked += 1
      const { status, body } = answer()
      response.writeHead(status, { connection: 'close' }).end(body)
    })
    ;[port = 0] = await freePorts(1)
    await listen()
  })
  afterEach(goAway)

  it('stay in force while they cannot be read again, which is logged once', async () => {
    const find = createJwksUrl(`http://127.0.0.1:${port}/jwks`, { log, now: () => now, readAgainMs: 0 })
    expect(await found(find, 'one')).to.equal(true)
    for (const broken of [
      { status: 503, body: 'no' },
      { status: 200, body: '<html>' },
      { status: 200, body: '{"keys": 1}' },
    ]) {
      answer = () => broken
      expect(await found(find, 'one'), broken.body).to.equal(true)
    }
    await goAway()
    now += dayMs
    expect(await found(find, 'one')).to.equal(true)
    expect(logged).to.deep.equal(['warn: the keys of tokens cannot be read; those of before stay in force'])
    answer = () => ({ status: 200, body: JSON.stringify({ keys: keys.slice(1) }) })
    await listen()
    expect(await found(find, 'other')).to.equal(true)
    expect(await found(find, 'one')).to.be.instanceOf(errors.JWKSNoMatchingKey)
    expect(logged.slice(1)).to.deep.equal(['info: the keys of tokens can be read again'])
  })

  it('expire after a day', async () => {
    const find = createJwksUrl(`http://127.0.0.1:${port}/jwks`, { now: () => now, readAgainMs: 0 })
    expect(await found(find, 'one')).to.equal(true)
    await goAway()
    now += dayMs + 1
    expect(await found(find, 'one')).to.be.instanceOf(TypeError)
  })

  it('do not make an unknown key invalid while they cannot be read', async () => {
    const find = createJwksUrl(`http://127.0.0.1:${port}/jwks`, { now: () => now, readAgainMs: 0 })
    expect(await found(find, 'other')).to.be.instanceOf(errors.JWKSNoMatchingKey)
    await goAway()
    expect(await found(find, 'other')).to.be.instanceOf(TypeError)
  })

  it('are fetched every ten minutes, and every half minute for an unknown key, also while that fails', async () => {
    // jose uses the machine's clock.
    const clock = Date.now
    Date.now = () => now
    try {
      const find = createJwksUrl(`http://127.0.0.1:${port}/jwks`)
      const ask = async (kid: string, laterMs: number): Promise<number> => {
        asked = 0
        now += laterMs
        for (let call = 0; call < 3; call++) await found(find, kid)
        return asked
      }
      for (const status of [200, 503]) {
        answer = () => ({ status, body: JSON.stringify({ keys: keys.slice(0, 1) }) })
        expect(await ask('one', 600_001), `${status}`).to.equal(1)
        expect(await ask('other', 29_000), `${status}`).to.equal(0)
        expect(await ask('other', 1_000), `${status}`).to.equal(1)
      }
    } finally {
      Date.now = clock
    }
  })

  async function listen(): Promise<void> {
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  }

  async function goAway(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
})

async function keyOf(kid: string): Promise<JWK> {
  const { publicKey } = await generateKeyPair('ES256')
  return { ...(await exportJWK(publicKey)), kid, alg: 'ES256' }
}

/** Whether a key was found, or the error that prevented it. */
async function found(find: JWTVerifyGetKey, kid: string): Promise<unknown> {
  try {
    await find({ alg: 'ES256', kid }, { payload: '', signature: '' })
    return true
  } catch (error) {
    return error
  }
}
