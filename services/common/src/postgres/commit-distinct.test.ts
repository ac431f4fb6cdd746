import { expect } from 'chai'
import { commitDistinct } from './commit-distinct.ts'

describe('items that are committed with no id twice in a group', () => {
  const commit = async (words: readonly string[]) => {
    const groups: string[][] = []
    const results = await commitDistinct(
      words,
      (word) => word.slice(0, 1),
      async (group) => {
        groups.push([...group])
        return group.map((word) => word.toUpperCase())
      },
    )
    return { groups, results }
  }

  it('go in one group, in their order, where all ids differ', async () => {
    expect(await commit(['a1', 'b1', 'c1'])).to.deep.equal({
      groups: [['a1', 'b1', 'c1']],
      results: ['A1', 'B1', 'C1'],
    })
  })

  it('wait for the group of the first one where they repeat its id', async () => {
    expect(await commit(['a1', 'a2', 'b1', 'a3', 'b2'])).to.deep.equal({
      groups: [['a1', 'b1'], ['a2', 'b2'], ['a3']],
      results: ['A1', 'A2', 'B1', 'A3', 'B2'],
    })
  })

  it('need no group where there are none', async () => {
    expect(await commit([])).to.deep.equal({ groups: [], results: [] })
  })
})
