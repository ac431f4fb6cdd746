import { expect } from 'chai'
import { createPace, type Pace } from './pace.ts'

const limits = { itemsFree: 8, itemMs: 6, roundMsMax: 150 }

describe('a pace', () => {
  let nowMs: number
  let pace: Pace
  beforeEach(() => {
    nowMs = 1_000
    pace = createPace(limits, () => nowMs)
  })

  function round(items: number, ms: number): void {
    pace.begin()
    nowMs += ms
    pace.end(items)
  }

  it('begins the next round at once while rounds take about as long as the fastest', () => {
    round(1_000, 4)
    expect(pace.restMs()).to.equal(0)
    round(1_000, 12)
    expect(pace.restMs()).to.equal(0)
  })

  it('rests after a slow round, the longer the more it carried', () => {
    round(1, 4)
    round(11, 13)
    expect(pace.restMs()).to.equal(3 * 6 - 13)
    round(18, 13)
    expect(pace.restMs()).to.equal(10 * 6 - 13)
  })

  it('never makes a round longer than its limit', () => {
    round(1, 4)
    round(1_000, 50)
    expect(pace.restMs()).to.equal(100)
  })

  it('begins at once after a slow round with as many items as earn no rest', () => {
    round(1, 4)
    round(8, 100)
    expect(pace.restMs()).to.equal(0)
  })

  it('counts from the beginning of the round, so that a very slow one needs no rest', () => {
    round(1, 4)
    round(1_000, 200)
    expect(pace.restMs()).to.equal(0)
  })

  it('does not rest after one slow round, once the next one is fast', () => {
    round(1, 4)
    round(100, 50)
    expect(pace.restMs()).to.equal(100)
    nowMs += 100
    round(100, 5)
    expect(pace.restMs()).to.equal(0)
  })

  it('compares with no round that carried nothing', () => {
    round(0, 0.1)
    round(100, 4)
    round(100, 10)
    expect(pace.restMs()).to.equal(0)
  })

  it('rests no less than a timer can', () => {
    round(1, 4)
    round(18, 59.5)
    expect(pace.restMs()).to.equal(0)
  })
})
