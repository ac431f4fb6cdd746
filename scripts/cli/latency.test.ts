import { expect } from 'chai'
import { latencyOf } from './latency.ts'

describe('latencyOf', () => {
  it('is the sample that bounds a share of all samples', () => {
    const samples = Array.from({ length: 200 }, (_, index) => 200 - index)
    expect(latencyOf(samples)).to.deep.equal({ p50: 100, p99: 198, max: 200 })
  })

  it('of one sample is that sample, and of none is zero', () => {
    expect(latencyOf([7.26])).to.deep.equal({ p50: 7.3, p99: 7.3, max: 7.3 })
    expect(latencyOf([])).to.deep.equal({ p50: 0, p99: 0, max: 0 })
  })
})
