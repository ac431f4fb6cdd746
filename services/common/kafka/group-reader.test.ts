import { expect } from 'chai'
import type { Kafka } from './create-client.ts'
import { GroupReader } from './group-reader.ts'

describe('the reader of consumer groups, from round to round', () => {
  /** What a group has committed, and where its topic ends. */
  let committed: number
  let end: number
  let state: string
  /** How often offsets were asked for. */
  let asked: number
  let reader: GroupReader

  beforeEach(() => {
    committed = 10
    end = 10
    state = 'Empty'
    asked = 0
    const admin = {
      connect: async () => {},
      disconnect: async () => {},
      listGroups: async () => ({ groups: [{ groupId: 'reports', protocolType: 'consumer' }] }),
      describeGroups: async () => ({ groups: [{ groupId: 'reports', state, members: [] }] }),
      listTopics: async () => ['sales'],
      fetchTopicOffsets: async () => [{ partition: 0, low: '0', high: String(end) }],
      async fetchOffsets() {
        asked += 1
        return [{ topic: 'sales', partitions: [{ partition: 0, offset: String(committed) }] }]
      },
    }
    reader = new GroupReader({ admin: () => admin } as unknown as Kafka)
  })

  const read = async () => (await reader.read(() => true))[0]?.partitions[0]

  it('does not ask again for what cannot have moved', async () => {
    for (let round = 0; round < 5; round++) expect(await read()).to.include({ committed: 10n, end: 10n })
    expect(asked).to.equal(1)
  })

  it('asks while there is something to read, however long nobody does', async () => {
    end = 12
    for (let round = 0; round < 3; round++) expect(await read()).to.include({ committed: 10n, end: 12n })
    committed = 12
    expect(await read()).to.include({ committed: 12n, end: 12n })
    expect(asked).to.equal(4)
  })

  it('asks when something was written, and when the group has changed', async () => {
    await read()
    end = 11
    committed = 11
    expect(await read()).to.include({ committed: 11n, end: 11n })
    state = 'PreparingRebalance'
    await read()
    expect(asked).to.equal(3)
  })

  it('finds out in the end that a tool has set offsets back', async () => {
    await read()
    committed = 4
    for (let round = 0; round < 10; round++) await read()
    expect(await read()).to.include({ committed: 4n, end: 10n })
  })

  it('takes what was read past an end that is a moment old for the end', async () => {
    committed = 15
    expect(await read()).to.include({ committed: 15n, end: 15n })
  })
})
