import { expect } from 'chai'
import { createPace } from './pace.ts'

describe('a pace', () => {
  it('lets the next round begin at once after a round with one item', async () => {
    expect(await restAfter(1)).to.be.below(4)
  })

  it('begins at once after as many items as earn no rest', async () => {
    const pace = createPace({ itemsFree: 8, itemMs: 1_000, roundMsMax: 60_000 })
    pace.begin(8)
    const startedAt = performance.now()
    await pace.rest()
    expect(performance.now() - startedAt).to.be.lessThan(500)
  })

  it('rests the longer the more a round carried, up to its limit', async () => {
    const [few, many] = [await restAfter(5), await restAfter(1_000)]
    expect(few).to.be.within(18, 60)
    expect(many).to.be.within(48, 120)
  })

  it('counts from the beginning of the round, so that a slow one needs no rest', async () => {
    const pace = createPace({ itemMs: 5, roundMsMax: 20 })
    pace.begin(100)
    await new Promise((wake) => setTimeout(wake, 25))
    const startedAt = performance.now()
    await pace.rest()
    expect(performance.now() - startedAt).to.be.below(4)
  })

  it('can be called off', async () => {
    const pace = createPace({ itemMs: 1_000, roundMsMax: 60_000 })
    pace.begin(100)
    await pace.rest(AbortSignal.timeout(10))
  })
})

async function restAfter(items: number): Promise<number> {
  const pace = createPace({ itemMs: 5, roundMsMax: 50 })
  pace.begin(items)
  const startedAt = performance.now()
  await pace.rest()
  return performance.now() - startedAt
}
