import { expect } from 'chai'
import { fetchSignedIn, hasToken, onSignedOut, signOut, useToken } from './session.ts'

describe('the session of the page', () => {
  const { fetch } = globalThis
  const stored = new Map<string, string>()
  let good: string[]
  let demo: string | undefined
  let asked: string[]
  let told: string[]
  let close: () => void

  before(() => {
    Object.defineProperty(globalThis, 'sessionStorage', {
      configurable: true,
      value: {
        getItem: (key: string) => stored.get(key) ?? null,
        setItem: (key: string, value: string) => void stored.set(key, value),
        removeItem: (key: string) => void stored.delete(key),
      },
    })
    globalThis.fetch = async (path, { headers = {} } = {}) => {
      await Promise.resolve()
      if (path === '/api/session') return Response.json({ demo: demo !== undefined })
      if (path === '/api/session/demo') return Response.json({ token: demo })
      const { authorization = 'none' } = headers as Record<string, string>
      asked.push(authorization.replace('Bearer ', ''))
      if (good.includes(asked.at(-1) ?? '')) return Response.json({})
      return Response.json({ message: 'The token has expired' }, { status: 401 })
    }
  })
  beforeEach(() => {
    signOut('before the test')
    good = ['fresh']
    demo = undefined
    asked = []
    told = []
    close = onSignedOut((why) => told.push(why))
  })
  afterEach(() => close())
  after(() => {
    globalThis.fetch = fetch
    Reflect.deleteProperty(globalThis, 'sessionStorage')
  })

  it('tells that a token is needed where none is, and goes on with one that is brought', async () => {
    expect(await statusOf('/api/me')).to.equal(401)
    expect(told).to.have.lengthOf(1)
    useToken(' fresh\n')
    expect(await statusOf('/api/me')).to.equal(200)
    expect([told.length, asked]).to.deep.equal([1, ['none', 'fresh']])
  })

  it('forgets a token that is refused, and tells why', async () => {
    useToken('stale')
    expect(await statusOf('/api/events')).to.equal(401)
    expect([told, hasToken()]).to.deep.equal([['The token has expired'], false])
  })

  it('signs in anew where the console does that by itself, and tells nobody', async () => {
    demo = 'fresh'
    useToken('stale')
    expect(await Promise.all(['/api/me', '/api/events'].map(statusOf))).to.deep.equal([200, 200])
    expect(asked).to.deep.equal(['stale', 'stale', 'fresh', 'fresh'])
    expect([told, hasToken()]).to.deep.equal([[], false])
  })

  it('signs in anew but once', async () => {
    demo = 'useless'
    expect(await statusOf('/api/me')).to.equal(401)
    expect([asked, told]).to.deep.equal([['useless', 'useless'], ['The token has expired']])
  })

  it('keeps a token that was brought while the one of before was refused', async () => {
    useToken('stale')
    const before = statusOf('/api/me')
    useToken('fresh')
    expect([await before, told, hasToken()]).to.deep.equal([200, [], true])
  })

  const statusOf = async (path: string): Promise<number> => (await fetchSignedIn(path)).status
})
