import { expect } from 'chai'
import { backoffMs } from './backoff.ts'

describe('backing off', () => {
  it('doubles up to the cap', () => {
    const waits = [1, 2, 3, 10, 10_000].map((failures) => backoffMs(failures, 50, 5_000, () => 1))
    expect(waits).to.deep.equal([50, 100, 200, 5_000, 5_000])
  })

  it('waits at least half of that', () => {
    expect(backoffMs(1, 50, 5_000, () => 0)).to.equal(25)
  })
})
