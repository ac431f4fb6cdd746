import { expect } from 'chai'
import { createTailRest } from './tail-rest.ts'

const running = new AbortController().signal
const watched = { untilWatched: async () => {} }

describe('the rest of the payment tail', () => {
  it('is short while watchers may learn from it, and long once they know sixty records in a row', async () => {
    const rest = createTailRest(watched)
    expect(await lasts(() => rest.wait(running))).to.be.within(50, 300)
    for (let record = 0; record < 60; record++) rest.count(false)
    expect(await lasts(() => rest.wait(running))).to.be.at.least(470)
  })

  it('is short again after one record that was news', async () => {
    const rest = createTailRest(watched)
    for (let record = 0; record < 100; record++) rest.count(false)
    rest.count(true)
    expect(await lasts(() => rest.wait(running))).to.be.within(50, 300)
  })

  it('goes on until a payment is watched', async () => {
    let watch = (): void => {}
    const rest = createTailRest({ untilWatched: () => new Promise((resolve) => (watch = resolve)) })
    let isOver = false
    const waiting = rest.wait(running).then(() => (isOver = true))
    await lasts(() => createTailRest(watched).wait(running))
    expect(isOver).to.equal(false)
    watch()
    await waiting
  })

  it('ends at once when the tail stops', async () => {
    const rest = createTailRest(watched)
    for (let record = 0; record < 60; record++) rest.count(false)
    expect(await lasts(() => rest.wait(AbortSignal.abort()))).to.be.below(50)
  })
})

async function lasts(wait: () => Promise<void>): Promise<number> {
  const beganAt = performance.now()
  await wait()
  return performance.now() - beganAt
}
