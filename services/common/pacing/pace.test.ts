import { expect } from 'chai'
import { createPace, type Pace } from './pace.ts'
import { pause } from './pause.ts'

const limits = { itemsFree: 8, itemMs: 100, roundMsMax: 2_000 }

describe('a pace', () => {
  it('begins the next round at once while rounds are as fast as usual', async () => {
    const pace = createPace(limits)
    await round(pace, 1_000, 10)
    expect(pace.restMs()).to.equal(0)
    await round(pace, 1_000, 10)
    expect(pace.restMs()).to.equal(0)
  })

  it('rests after a slow round, the longer the more it carried', async () => {
    expect(await restAfterSlowRound(10)).to.be.within(1, 200)
    expect(await restAfterSlowRound(18)).to.be.within(500, 1_000)
  })

  it('never makes a round longer than its limit', async () => {
    expect(await restAfterSlowRound(1_000)).to.be.within(1_000, 2_000)
  })

  it('begins at once after a slow round with as many items as earn no rest', async () => {
    expect(await restAfterSlowRound(8)).to.equal(0)
  })

  it('counts from the beginning of the round, so that a very slow one needs no rest', async () => {
    const pace = createPace({ itemMs: 5, roundMsMax: 20 })
    await round(pace, 1, 1)
    await round(pace, 100, 30)
    expect(pace.restMs()).to.equal(0)
  })

  it('does not rest after one slow round, once the next ones are as fast as usual', async () => {
    const pace = createPace({ ...limits, roundMsMax: 60_000 })
    await round(pace, 100, 10)
    await round(pace, 100, 100)
    expect(pace.restMs()).to.be.above(1_000)
    await round(pace, 100, 10)
    expect(pace.restMs()).to.equal(0)
  })
})

async function restAfterSlowRound(items: number): Promise<number> {
  const pace = createPace(limits)
  await round(pace, 1, 5)
  await round(pace, items, 150)
  return pace.restMs()
}

async function round(pace: Pace, items: number, ms: number): Promise<void> {
  pace.begin(items)
  await pause(ms)
  pace.end()
}
