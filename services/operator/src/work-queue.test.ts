import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { startWorkQueue, type WorkQueueOptions } from './work-queue.ts'

describe('the work queue', () => {
  let stopping: AbortController
  beforeEach(() => {
    stopping = new AbortController()
  })
  afterEach(() => stopping.abort())

  const start = (options: Partial<WorkQueueOptions>) =>
    startWorkQueue({
      handle: async () => undefined,
      onFailure: () => {},
      signal: stopping.signal,
      retryMsMin: 5,
      ...options,
    })

  it('handles a key once, however often it was added before its turn', async () => {
    const handled: string[] = []
    const queue = start({
      async handle(key) {
        handled.push(key)
        return undefined
      },
    })
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key)
    await until(() => handled.length >= 2)
    await sleep(20)
    expect(handled.sort()).to.deep.equal(['a', 'b'])
  })

  it('handles a key again that was added during its handling, and never twice at once', async () => {
    let inHand = 0
    let most = 0
    let times = 0
    const queue = start({
      async handle() {
        inHand += 1
        times += 1
        most = Math.max(most, inHand)
        if (times === 1) queue.add('a')
        await sleep(10)
        inHand -= 1
        return undefined
      },
    })
    queue.add('a')
    await until(() => times === 2)
    expect(most).to.equal(1)
  })

  it('does not let a slow key hold up the others', async () => {
    const slow = Promise.withResolvers<undefined>()
    const handled: string[] = []
    const queue = start({
      handle: async (key) => {
        if (key === 'slow') return await slow.promise
        handled.push(key)
        return undefined
      },
    })
    queue.add('slow')
    queue.add('quick')
    await until(() => handled.includes('quick'))
    slow.resolve(undefined)
  })

  it('retries after a failure, later each time, and starts with short pauses again after a success', async () => {
    const pauses: number[] = []
    let handled = 0
    const queue = start({
      async handle() {
        handled += 1
        if (handled === 4) return undefined
        throw new Error('not now')
      },
      onFailure: (_key, _error, retryMs) => pauses.push(retryMs),
      retryMsMax: 15,
    })
    queue.add('a')
    await until(() => handled === 4)
    expect(pauses).to.deep.equal([5, 10, 15])
    queue.add('a')
    await until(() => pauses.length === 4)
    expect(pauses[3]).to.equal(5)
  })

  it('handles a key again after the returned time', async () => {
    let handled = 0
    start({
      async handle() {
        handled += 1
        return handled < 3 ? 1 : undefined
      },
    }).add('a')
    await until(() => handled === 3)
  })

  it('finishes its running work when it ends', async () => {
    const work = Promise.withResolvers<undefined>()
    let ended = false
    const queue = start({
      handle: async () => {
        await work.promise
        ended = true
        return undefined
      },
    })
    queue.add('a')
    await sleep(5)
    stopping.abort()
    work.resolve(undefined)
    await queue.stopped
    expect(ended).to.equal(true)
  })
})

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('not within 5 s')
    await sleep(1)
  }
}
