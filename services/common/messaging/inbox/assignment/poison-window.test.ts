import { expect } from 'chai'
import { PoisonWindow } from './poison-window.ts'

const handled = 'handled'
const poison = { poisonAt: 7n }

describe('a partition judged by its recent messages', () => {
  it('flows while half of them or fewer are poison', () => {
    const window = new PoisonWindow(4)
    for (let round = 0; round < 10; round++) window.count([handled, poison])
    expect(window.stopped).to.equal(false)
  })

  it('stops when more than half of them are poison, but not before there are enough to tell', () => {
    const window = new PoisonWindow(4)
    window.count([poison, poison, poison])
    expect(window.stopped).to.equal(false)
    window.count([handled])
    expect(window).to.include({ stopped: true, resting: true, stops: 1 })
  })

  it('forgets what is no longer recent', () => {
    const window = new PoisonWindow(4)
    window.count([poison, poison, handled, handled, handled, handled])
    window.count([poison, poison])
    expect(window.stopped).to.equal(false)
  })

  it('rests longer each time that one more message is poison', () => {
    const window = new PoisonWindow(2)
    window.count([poison, poison])
    window.tryAgain()
    expect(window).to.include({ stopped: true, resting: false })
    window.count([poison])
    expect(window).to.include({ stopped: true, resting: true, stops: 2 })
  })

  it('goes on trying when a message tells nothing, and flows again after one that was handled', () => {
    const window = new PoisonWindow(2)
    window.count([poison, poison])
    window.tryAgain()
    window.count([])
    expect(window).to.include({ stopped: true, resting: false })
    window.count([handled])
    expect(window).to.include({ stopped: false, resting: false, stops: 0 })
    window.count([poison])
    expect(window.stopped).to.equal(false)
  })

  it('begins as it was left: stopped if most of the latest messages were poison', () => {
    expect(new PoisonWindow(4, [1n, 2n, 3n])).to.include({ stopped: true, resting: true })
    expect(new PoisonWindow(4, [1n, 2n])).to.include({ stopped: false })
  })

  it('flows again once no more than half of its messages are poison that is still put aside', () => {
    const window = new PoisonWindow(4, [1n, 2n, 3n])
    expect(window.mend(new Set([1n, 2n, 3n]))).to.equal(false)
    expect(window).to.include({ stopped: true, resting: true, stops: 1 })
    expect(window.mend(new Set([2n, 3n]))).to.equal(true)
    expect(window).to.include({ stopped: false, resting: false, stops: 0 })
    expect(window.poisonOffsets).to.deep.equal([2n, 3n])
    window.count([poison])
    expect(window.stopped).to.equal(true)
  })

  it('has nothing to mend while it flows', () => {
    const window = new PoisonWindow(4)
    window.count([poison])
    expect(window.mend(new Set())).to.equal(false)
    expect(window.poisonOffsets).to.deep.equal([7n])
  })
})
