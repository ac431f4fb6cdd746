import { expect } from 'chai'
import { planReplay, targetsAhead } from './plan-replay.ts'

const place = { topic: 'orders', partition: 0 }
const target = (from: bigint, begin = 0n, end = 100n) => ({ ...place, from, range: { begin, end } })
const at = (nextOffset: bigint) => [{ ...place, nextOffset }]

describe('a plan for a replay', () => {
  it('reads from the target to the position of the consumer, not to the end', () => {
    expect(planReplay([target(10n)], at(40n))).to.deep.equal([
      { ...place, target: 10n, until: 40n, end: 100n, gone: 0n },
    ])
  })

  it('begins where retention has kept records, and counts what is gone', () => {
    expect(planReplay([target(10n, 25n)], at(40n))).to.deep.equal([
      { ...place, target: 25n, until: 40n, end: 100n, gone: 15n },
    ])
  })

  it('never moves a position forward', () => {
    expect(planReplay([target(40n)], at(40n))).to.deep.equal([])
    expect(planReplay([target(41n)], at(40n))).to.deep.equal([])
    expect(planReplay([target(0n, 50n)], at(40n))).to.deep.equal([])
  })

  it('leaves a partition alone that the consumer has never read', () => {
    expect(planReplay([target(0n)], [])).to.deep.equal([])
  })

  it('ends at the end of a log that has become shorter than the position', () => {
    expect(planReplay([target(0n, 0n, 30n)], at(40n))).to.deep.equal([
      { ...place, target: 0n, until: 30n, end: 30n, gone: 0n },
    ])
  })

  it('distinguishes targets past what was read from those up to it', () => {
    expect(targetsAhead([target(40n)], at(40n))).to.deep.equal([])
    expect(targetsAhead([target(41n)], at(40n))).to.have.length(1)
    expect(targetsAhead([target(1n)], [])).to.have.length(1)
  })
})
