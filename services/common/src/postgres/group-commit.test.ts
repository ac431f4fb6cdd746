import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { createGroupCommit } from './group-commit.ts'

describe('a group commit', () => {
  it('commits a single call at once, and gathers calls that come while it runs', async () => {
    const { groups, commit } = recorder()
    const doubled = createGroupCommit({ commit, itemsMax: 10, concurrency: 1 })
    expect(await Promise.all([1, 2, 3, 4].map((item) => doubled(item)))).to.deep.equal([2, 4, 6, 8])
    expect(groups).to.deep.equal([[1], [2, 3, 4]])
  })

  it('fills a group up to its limit, in the order in which the calls came', async () => {
    const { groups, commit } = recorder()
    const doubled = createGroupCommit({ commit, itemsMax: 2, concurrency: 1 })
    await Promise.all([1, 2, 3, 4].map((item) => doubled(item)))
    expect(groups).to.deep.equal([[1], [2, 3], [4]])
  })

  it('runs at most as many groups at a time as allowed', async () => {
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

  it('fails no call because of another one', async () => {
    const { commit } = recorder()
    const doubled = createGroupCommit({ commit, itemsMax: 10, concurrency: 1 })
    const outcomes = await Promise.allSettled([1, 2, -3, 4].map((item) => doubled(item)))
    expect(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 'failed')),
    ).to.deep.equal([2, 4, 'failed', 8])
  })

  it('retries the items of a failed group one by one, as many at a time as allowed', async () => {
    const groups: number[][] = []
    let running = 0
    let most = 0
    const committed = createGroupCommit({
      async commit(items: readonly number[]) {
        groups.push([...items])
        // The first items come alone anyway.
        if ((items[0] ?? 0) > 3) running += 1
        most = Math.max(most, running)
        await nextTurn()
        if ((items[0] ?? 0) > 3) running -= 1
        if (items.length > 1) throw new Error('together')
        return items
      },
      itemsMax: 10,
      concurrency: 3,
    })
    const calls = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((item) => committed(item))
    expect(await Promise.all(calls)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(groups.filter((group) => group.length > 1)).to.deep.equal([[4, 5, 6, 7, 8, 9]])
    expect(most).to.equal(3)
  })

  it('retries nothing for a caller who has left since', async () => {
    const groups: number[][] = []
    const callers = [1, 2, 3, 4].map(() => new AbortController())
    const committed = createGroupCommit({
      async commit(items: readonly number[]) {
        groups.push([...items])
        // One caller leaves while the group is tried, another while the first item of it is retried.
        if (items.length > 1) callers[2]?.abort(new Error('gone'))
        else if (items[0] === 2) callers[3]?.abort(new Error('gone'))
        await nextTurn()
        if (items.length > 1) throw new Error('together')
        return items
      },
      itemsMax: 10,
      concurrency: 1,
    })
    const outcomes = await Promise.allSettled(callers.map(({ signal }, nth) => committed(nth + 1, signal)))
    expect(outcomes.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ])
    expect(groups).to.deep.equal([[1], [2, 3, 4], [2]])
  })

  it('lets an item that repeats an id wait for the next group, and lets no other item wait with it', async () => {
    const groups: string[][] = []
    const done: string[] = []
    const commit = createGroupCommit({
      async commit(words: readonly string[]) {
        groups.push([...words])
        await nextTurn()
        return words
      },
      idOf: (word) => word.slice(0, 1),
      itemsMax: 10,
      concurrency: 1,
    })
    const words = ['x1', 'a1', 'a2', 'b1', 'a3', 'b2', 'c1']
    await Promise.all(words.map(async (word) => done.push(await commit(word))))
    expect(groups).to.deep.equal([['x1'], ['a1', 'b1', 'c1'], ['a2', 'b2'], ['a3']])
    expect(done).to.deep.equal(groups.flat())
  })

  it('retries nothing while the database is away: all of a group fail at once', async () => {
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
    expect(tried, 'the first call, and the calls that came while it ran').to.equal(2)
  })

  it('does nothing for a caller who leaves before its group begins', async () => {
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
