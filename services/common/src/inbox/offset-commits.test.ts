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
  })

  it('are forgotten when the partitions are assigned anew', async () => {
    let calls = 0
    const commits = createOffsetCommits(async () => void calls++, 60_000)
    commits.moved(at, 1n)
    commits.clear()
    await commits.flush()
    expect(calls).to.equal(0)
  })
})
