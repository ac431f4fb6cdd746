import { expect } from 'chai'
import { fetchSignedIn, hasToken, onSignedOut, signOut, takeCode, useToken } from './session.ts'

describe('the session of the page', () => {
  const { fetch } = globalThis
  const stored = new Map<string, string>()
  let good: string[]
  let redeemed: string[]
  let isAway: boolean
  let address: string
  let asked: string[]
  let reasons: string[]
  let close: () => void
  /** The number of requests that will not be admitted. */
  let turnedAway = 0

  before(() => {
    Object.defineProperty(globalThis, 'sessionStorage', {
      configurable: true,
      value: {
        getItem: (key: string) => stored.get(key) ?? null,
        setItem: (key: string, value: string) => void stored.set(key, value),
        removeItem: (key: string) => void stored.delete(key),
      },
    })
    Object.defineProperty(globalThis, 'location', {
      configurable: true,
      get: () => ({ hash: address }),
    })
    Object.defineProperty(globalThis, 'history', {
      configurable: true,
      value: {
        replaceState: (_state: unknown, _title: string, url: string) => {
          address = url
        },
      },
    })
    globalThis.fetch = async (path, { headers = {}, body } = {}) => {
      await Promise.resolve()
      if (isAway) throw new TypeError('away')
      if (path === '/api/session/demo') {
        const { code } = JSON.parse(String(body)) as { code: string }
        redeemed.push(code)
        if (code === 'good') return Response.json({ token: 'fresh' })
        return Response.json({ message: 'This link has been used' }, { status: 401 })
      }
      const { authorization = 'none' } = headers as Record<string, string>
      asked.push(authorization.replace('Bearer ', ''))
      if (turnedAway > 0) {
        turnedAway -= 1
        return Response.json({}, { status: 429, headers: { 'retry-after': '0' } })
      }
      if (good.includes(asked.at(-1) ?? '')) return Response.json({})
      return Response.json({ message: 'The token has expired' }, { status: 401 })
    }
  })
  beforeEach(() => {
    signOut('before the test')
    good = ['fresh']
    redeemed = []
    isAway = false
    asked = []
    reasons = []
    close = onSignedOut((why) => reasons.push(why))
  })
  afterEach(() => close())

  it('repeats a request a few times when it is not admitted', async () => {
    useToken('fresh')
    turnedAway = 2
    expect((await fetchSignedIn('/api/me')).status).to.equal(200)
    turnedAway = 9
    expect((await fetchSignedIn('/api/me')).status).to.equal(429)
    expect([asked.length, turnedAway]).to.deep.equal([7, 5])
    turnedAway = 0
  })
  after(() => {
    globalThis.fetch = fetch
    for (const name of ['sessionStorage', 'location', 'history']) Reflect.deleteProperty(globalThis, name)
  })

  it('reports that a token is needed if there is none, and continues with one that the user enters', async () => {
    expect(await statusOf('/api/me')).to.equal(401)
    expect(reasons).to.have.lengthOf(1)
    useToken(' fresh\n')
    expect(await statusOf('/api/me')).to.equal(200)
    expect([reasons.length, asked]).to.deep.equal([1, ['none', 'fresh']])
  })

  it('forgets a token that is refused, and reports why', async () => {
    useToken('stale')
    expect(await statusOf('/api/events')).to.equal(401)
    expect([reasons, hasToken()]).to.deep.equal([['The token has expired'], false])
  })

  it('signs in by the code of a link, once, and keeps neither address nor code', async () => {
    open('#sign-in=good')
    expect(address).to.equal('#/')
    expect(await Promise.all(['/api/me', '/api/events'].map(statusOf))).to.deep.equal([200, 200])
    expect([redeemed, asked, reasons, hasToken()]).to.deep.equal([['good'], ['fresh', 'fresh'], [], true])
    expect(await statusOf('/api/me')).to.equal(200)
    expect(redeemed).to.deep.equal(['good'])
  })

  it('uses the token of a link instead of an earlier one', async () => {
    useToken('stale')
    open('#sign-in=good')
    expect(await statusOf('/api/me')).to.equal(200)
    expect(asked).to.deep.equal(['fresh'])
  })

  it('reports why a link does not sign in, and continues with the earlier token if there is one', async () => {
    open('#sign-in=used')
    expect([await statusOf('/api/me'), reasons]).to.deep.equal([401, ['This link has been used']])
    useToken('fresh')
    open('#sign-in=used')
    expect([await statusOf('/api/me'), reasons.length]).to.deep.equal([200, 1])
  })

  it('keeps the code while the console cannot be reached', async () => {
    open('#sign-in=good')
    isAway = true
    expect(await statusOf('/api/me').catch(String)).to.equal('TypeError: away')
    isAway = false
    expect(await statusOf('/api/me')).to.equal(200)
  })

  it('reads no code from any other address', async () => {
    for (const hash of ['', '#/', '#/payments/sign-in=good', '#/sign-in=good']) {
      open(hash)
      expect([address, await statusOf('/api/me')], hash).to.deep.equal([hash, 401])
    }
    expect(redeemed).to.deep.equal([])
  })

  it('keeps a token that was entered while the earlier one was being refused', async () => {
    useToken('stale')
    const before = statusOf('/api/me')
    useToken('fresh')
    expect([await before, reasons, hasToken()]).to.deep.equal([200, [], true])
  })

  function open(hash: string): void {
    address = hash
    takeCode()
  }

  const statusOf = async (path: string): Promise<number> => (await fetchSignedIn(path)).status
})
