import { expect } from 'chai'
import { latencyOf } from './latency.ts'

describe('the latency of a benchmark', () => {
  it('is the nearest rank: a measured time, at or above its share of all times', () => {
    const times = Array.from({ length: 200 }, (_, index) => 200 - index)
    expect(latencyOf(times)).to.deep.equal({ p50: 100, p99: 198, max: 200 })
  })

  it('of a single time is that time', () => {
    expect(latencyOf([7])).to.deep.equal({ p50: 7, p99: 7, max: 7 })
  })

  it('is refused without any time', () => {
    expect(() => latencyOf([])).to.throw(RangeError)
  })
})
