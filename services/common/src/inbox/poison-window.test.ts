import { expect } from 'chai'
import { PoisonWindow } from './poison-window.ts'

const handled = false
const poison = true

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
    expect(new PoisonWindow(4, 3)).to.include({ stopped: true, resting: true })
    expect(new PoisonWindow(4, 2)).to.include({ stopped: false })
  })
})
