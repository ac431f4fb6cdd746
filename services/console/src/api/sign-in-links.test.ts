import { expect } from 'chai'
import { createSignInLinks, type SignInLinks } from './sign-in-links.ts'

describe('links that sign in', () => {
  let now: number
  let links: SignInLinks
  beforeEach(() => {
    now = 1_000_000
    links = createSignInLinks(() => now)
  })

  it('are accepted once, and only if the console has issued them', () => {
    const { code } = links.issue()
    expect(code).to.match(/^[\w-]{32}$/)
    for (const other of ['', 'x', `${code}x`, code.slice(1)])
      expect(links.redeem(other), other).to.equal(false)
    expect([links.redeem(code), links.redeem(code)]).to.deep.equal([true, false])
  })

  it('expire after ten minutes', () => {
    const [first, second] = [links.issue(), links.issue()]
    expect(first.expireTime.getTime() - now).to.equal(600_000)
    now += 599_999
    expect(links.redeem(first.code)).to.equal(true)
    now += 1
    expect(links.redeem(second.code)).to.equal(false)
  })

  it('are at most eight at a time: a ninth makes the oldest invalid', () => {
    const codes = Array.from({ length: 9 }, () => links.issue().code)
    expect(codes.map((code) => links.redeem(code))).to.deep.equal([false, ...Array(8).fill(true)])
  })
})
