import { expect } from 'chai'
import fc from 'fast-check'
import { createRateBound } from './rate-bound.ts'

describe('a rate bound', () => {
  let nowMs: number
  const bound = (keysMax = 10) =>
    createRateBound({ unitsPerSecond: 10, burstUnits: 5, keysMax, now: () => nowMs })
  beforeEach(() => {
    nowMs = 1_000
  })

  it('lets a burst pass, then returns when the next unit is available', () => {
    const rate = bound()
    expect([1, 2, 3, 4, 5].map(() => rate.take('ada', 1))).to.deep.equal([0, 0, 0, 0, 0])
    expect(rate.take('ada', 1)).to.be.closeTo(100, 1e-6)
    nowMs += 100
    expect([rate.take('ada', 1), rate.take('ada', 1) > 0]).to.deep.equal([0, true])
  })

  it('is separate for each key', () => {
    const rate = bound()
    rate.take('ada', 5)
    expect([rate.take('ada', 1) > 0, rate.take('bob', 5)]).to.deep.equal([true, 0])
  })

  it('takes nothing when it only returns the wait', () => {
    const rate = bound()
    rate.take('ada', 5)
    expect([rate.waitMs('ada', 1), rate.waitMs('ada', 1)].map(Math.round)).to.deep.equal([100, 100])
    expect(rate.waitMs('bob', 1)).to.equal(0)
  })

  it('waits until a charge is paid, at most a burst', () => {
    const rate = bound()
    rate.take('ada', 3)
    rate.charge('ada', 4)
    expect(rate.take('ada', 1)).to.be.closeTo(300, 1e-6)
    for (let nth = 0; nth < 10; nth++) rate.charge('ada', 5)
    expect(rate.waitMs('ada', 1)).to.be.closeTo(600, 1e-6)
  })

  it('remembers a limited number of keys, the most recent ones', () => {
    const rate = bound(2)
    for (const key of ['ada', 'bob', 'eve']) rate.take(key, 5)
    expect([rate.waitMs('ada', 5) > 0, rate.waitMs('eve', 5) > 0]).to.deep.equal([false, true])
  })

  it('never lets more pass than the burst and the units of the passed time', () => {
    const asked = fc.array(fc.record({ units: fc.integer({ min: 1, max: 5 }), afterMs: fc.nat(400) }), {
      maxLength: 100,
    })
    fc.assert(
      fc.property(asked, (asks) => {
        nowMs = 0
        const rate = bound()
        let passed = 0
        for (const { units, afterMs } of asks) {
          nowMs += afterMs
          if (rate.take('ada', units) === 0) passed += units
          expect(passed).to.be.at.most(5 + nowMs / 100 + 1e-6)
        }
      }),
    )
  })
})
