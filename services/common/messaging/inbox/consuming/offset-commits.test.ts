import { expect } from 'chai'
import { createOffsetCommits } from './offset-commits.ts'

const at = { topic: 'test', partition: 0 }

describe("Kafka's committed offsets", () => {
  it('follow with the last offset of each partition', async () => {
    const committed: unknown[] = []
    const commits = createOffsetCommits(async (offsets) => void committed.push(offsets), 60_000)
    commits.moved(at, 1n)
    commits.moved(at, 2n)
    await commits.flush()
    await commits.flush()
    expect(committed).to.deep.equal([[{ ...at, offset: 2n }]])
  })

  it('may fail without a consequence', async () => {
    const commits = createOffsetCommits(() => Promise.reject(new Error('rebalancing')), 60_000)
    commits.moved(at, 1n)
    await commits.flush()
    commits.clear()
  })

  it('are tried again until they are committed, also where nothing comes any more', async () => {
    const committed: unknown[] = []
    const commits = createOffsetCommits(async (offsets) => {
      if (committed.push(offsets) < 3) throw new Error('the coordinator is loading')
    }, 1)
    commits.moved(at, 1n)
    await waitFor(() => committed.length === 3)
    await new Promise((wake) => setTimeout(wake, 20))
    expect(committed).to.deep.equal(Array.from({ length: 3 }, () => [{ ...at, offset: 1n }]))
  })

  it('that failed give way to later ones, and to another assignment', async () => {
    const committed: unknown[] = []
    let fail = (_error: Error): void => {}
    const commits = createOffsetCommits((offsets) => {
      committed.push(offsets)
      return new Promise((_, reject) => {
        fail = reject
      })
    }, 60_000)
    const failing = async (flushed: Promise<void>): Promise<void> => {
      fail(new Error('rebalancing'))
      await flushed
    }
    commits.moved(at, 1n)
    const first = commits.flush()
    commits.moved(at, 2n)
    await failing(first)
    const second = commits.flush()
    commits.clear()
    await failing(second)
    await commits.flush()
    expect(committed).to.deep.equal([[{ ...at, offset: 1n }], [{ ...at, offset: 2n }]])
  })

  it('are made one after the other, so that none that failed comes after a later one', async () => {
    const committed: bigint[] = []
    const failing = Promise.withResolvers<void>()
    const commits = createOffsetCommits(async ([first]) => {
      committed.push(first?.offset ?? 0n)
      if (committed.length === 1) await failing.promise
    }, 60_000)
    commits.moved(at, 1n)
    const first = commits.flush()
    commits.moved(at, 2n)
    const second = commits.flush()
    await new Promise(setImmediate)
    failing.reject(new Error('rebalancing'))
    await Promise.all([first, second])
    await commits.flush()
    expect(committed).to.deep.equal([1n, 2n])
  })

  it('are forgotten when the partitions are assigned again', async () => {
    let calls = 0
    const commits = createOffsetCommits(async () => void calls++, 60_000)
    commits.moved(at, 1n)
    commits.clear()
    await commits.flush()
    expect(calls).to.equal(0)
  })
})

async function waitFor(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('not in time')
    await new Promise((wake) => setTimeout(wake, 5))
  }
}
