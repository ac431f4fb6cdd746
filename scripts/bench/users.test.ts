import { expect } from 'chai'
import { usersFor } from './users.ts'

describe('the users of a benchmark', () => {
  it('are as many as the calls, up to a thousand', () => {
    expect([1, 600, 1_000, 3_000].map(usersFor)).to.deep.equal([1, 600, 1_000, 1_000])
  })

  it('never have more holds than the four that a user may have', () => {
    for (let calls = 1; calls <= 20_000; calls += 7) {
      expect(Math.ceil(calls / usersFor(calls))).to.be.at.most(3)
    }
  })
})
