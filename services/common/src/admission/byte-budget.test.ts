import { expect } from 'chai'
import { createByteBudget } from './byte-budget.ts'

describe('a budget of bytes', () => {
  it('drops the readers that hold the most for the longest, until the rest fits', () => {
    let nowMs = 0
    const dropped: string[] = []
    let refusals = 0
    const budget = createByteBudget({ bytesMax: 100, now: () => nowMs, onDropped: () => refusals++ })
    const hold = (name: string, bytes: number) => budget.hold(bytes, () => dropped.push(name))
    hold('slow and small', 10)
    hold('slow and large', 60)
    nowMs = 10_000
    hold('new', 50)
    expect([dropped, budget.bytes, refusals]).to.deep.equal([['slow and large'], 60, 1])
  })

  it('forgets bytes that were taken, once', () => {
    const budget = createByteBudget({ bytesMax: 100 })
    const release = budget.hold(60, () => expect.fail('dropped'))
    release()
    release()
    expect(budget.bytes).to.equal(0)
    budget.hold(100, () => expect.fail('dropped'))
  })

  it('drops a reader that exceeds the budget alone', () => {
    const budget = createByteBudget({ bytesMax: 100 })
    let dropped = false
    budget.hold(101, () => {
      dropped = true
    })
    expect([dropped, budget.bytes]).to.deep.equal([true, 0])
  })
})
