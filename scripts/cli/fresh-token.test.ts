import { expect } from 'chai'
import { freshToken, tokenSeconds } from './fresh-token.ts'

describe('freshToken', () => {
  let nowMs = Date.UTC(2026, 10, 23)
  let signed = 0
  const token = freshToken(
    async (validForSeconds) => `${++signed}, until ${nowMs / 1_000 + validForSeconds}`,
    () => nowMs,
  )

  it('signs once for all calls within the life of the token', async () => {
    const first = await token()
    expect(first).to.equal(`1, until ${nowMs / 1_000 + tokenSeconds}`)
    nowMs += (tokenSeconds - 301) * 1_000
    expect(await token()).to.equal(first)
  })

  it('signs a new token each time that less than five minutes are left', async () => {
    for (const nth of [2, 3, 4]) {
      nowMs += (tokenSeconds - 299) * 1_000
      expect(await token()).to.equal(`${nth}, until ${nowMs / 1_000 + tokenSeconds}`)
    }
  })
})
