import { expect } from 'chai'
import { needsRound, type Round, slowdownOf } from './slowdown.ts'

describe('the slowdown under an attack', () => {
  it('is the median of its rounds', () => {
    expect(slowdownOf(roundsOf(2))).to.equal(2)
    expect(slowdownOf(roundsOf(9, 2, 1))).to.equal(2)
    expect(slowdownOf(roundsOf(9, 2, 5, 4, 1))).to.equal(4)
  })

  it('is known after a single round only if that round is not slow', () => {
    expect(needsRound([])).to.equal(true)
    expect(needsRound(roundsOf(3))).to.equal(false)
    expect(needsRound(roundsOf(3.1))).to.equal(true)
  })

  it('is measured in an odd number of rounds, five at most', () => {
    expect(needsRound(roundsOf(4, 1))).to.equal(true)
    expect(needsRound(roundsOf(4, 1, 2))).to.equal(false)
    expect(needsRound(roundsOf(4, 1, 4))).to.equal(true)
    expect(needsRound(roundsOf(4, 1, 4, 1))).to.equal(true)
    expect(needsRound(roundsOf(4, 4, 4, 4, 4))).to.equal(false)
  })

  function roundsOf(...slowdowns: number[]): Round[] {
    return slowdowns.map((slowdown) => ({ quietP99Ms: 100, attackedP99Ms: slowdown * 100 }))
  }
})
