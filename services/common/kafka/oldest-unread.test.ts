import { expect } from 'chai'
import { findAge } from './oldest-unread.ts'

describe('the age of the oldest unread record', () => {
  for (const ageMs of [0, 80, 900, 5_300, 61_000, 3_600_000, 30 * 24 * 3_600_000]) {
    it(`is found for ${ageMs} ms in few questions`, async () => {
      let questions = 0
      const found = await findAge(async (guess) => {
        questions += 1
        return guess < ageMs
      })
      expect(Math.abs(found - ageMs)).to.be.at.most(Math.max(500, ageMs * 0.05))
      expect(questions).to.be.at.most(40)
    })
  }

  it('ends where a record claims to be older than anything can be', async () => {
    expect(await findAge(async () => true)).to.be.greaterThan(365 * 24 * 3_600_000)
  })
})
