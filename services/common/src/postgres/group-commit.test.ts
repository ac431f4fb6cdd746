import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { createGroupCommit } from './group-commit.ts'

describe('a group commit', () => {
  it('gives a call that comes alone a transaction at once, and gathers those that come meanwhile', async () => {
    const { groups, commit } = recorder()
    const doubled = createGroupCommit({ commit, itemsMax: 10, concurrency: 1 })
    expect(await Promise.all([1, 2, 3, 4].map((item) => doubled(item)))).to.deep.equal([2, 4, 6, 8])
    expect(groups).to.deep.equal([[1], [2, 3, 4]])
  })

  it('takes no more into a group than its limit, in the order in which they came', async () => {
    const { groups, commit } = recorder()
    const doubled = createGroupCommit({ commit, itemsMax: 2, concurrency: 1 })
    await Promise.all([1, 2, 3, 4].map((item) => doubled(item)))
    expect(groups).to.deep.equal([[1], [2, 3], [4]])
  })

  it('runs no more groups at a time than it may', async () => {
    let running = 0
    let most = 0
    const slow = createGroupCommit({
      async commit(items: readonly number[]) {
        running += 1
        most = Math.max(most, running)
        await nextTurn()
        running -= 1
        return items
      },
      itemsMax: 1,
      concurrency: 2,
    })
    await Promise.all([1, 2, 3, 4, 5].map((item) => slow(item)))
    expect(most).to.equal(2)
  })

  it('lets no call fail for what another one did', async () => {
    const { commit } = recorder()
    const doubled = createGroupCommit({ commit, itemsMax: 10, concurrency: 1 })
    const outcomes = await Promise.allSettled([1, 2, -3, 4].map((item) => doubled(item)))
    expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value : 'failed'))).to.deep.equal([
      2,
      4,
      'failed',
      8,
    ])
  })

  it('tries nothing alone while the database is away: all of a group hear of it at once', async () => {
    let tried = 0
    const committed = createGroupCommit({
      async commit() {
        tried += 1
        await nextTurn()
        throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
      },
      itemsMax: 10,
      concurrency: 1,
    })
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((item) => committed(item)))
    expect(outcomes.map(({ status }) => status)).to.deep.equal(Array(4).fill('rejected'))
    expect(tried, 'the one that came first, and those that came meanwhile').to.equal(2)
  })

  it('does nothing for a caller who leaves while waiting for a turn', async () => {
    const { groups, commit } = recorder()
    const doubled = createGroupCommit({ commit, itemsMax: 10, concurrency: 1 })
    const caller = new AbortController()
    const calls = [doubled(1), doubled(2, caller.signal), doubled(3)]
    caller.abort(new Error('gone'))
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled'])
    expect(groups).to.deep.equal([[1], [3]])
  })
})

function recorder() {
  const groups: number[][] = []
  return {
    groups,
    async commit(items: readonly number[]) {
      groups.push([...items])
      await nextTurn()
      if (items.some((item) => item < 0)) throw new Error('negative')
      return items.map((item) => item * 2)
    },
  }
}
