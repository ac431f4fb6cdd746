import type { Admin } from '@boxoffice/common/kafka/client.ts'
import { expect } from 'chai'
import { idsOf, judgePositions } from './examine-positions.ts'

describe('the stored positions, as the doctor sees them', () => {
  const stored = [
    { consumer: 'console', topic: 'point-events', topicId: 'a' },
    { consumer: 'payment', topic: 'point-events', topicId: 'b' },
  ]

  it('are fine in existing topics, and if Kafka reports no ids', () => {
    for (const ids of [new Map([['other', 'c']]), new Map()])
      expect(judgePositions(stored, ids).map(({ severity }) => severity)).to.deep.equal(['fine'])
  })

  it('are compared for existing topics, even if another topic is gone', async () => {
    const asked: string[][] = []
    const admin = {
      listTopics: async () => ['point-events', 'other'],
      async fetchTopicMetadata({ topics }: { topics: string[] }) {
        asked.push(topics)
        return { topics: [] }
      },
      async connect() {},
    } as unknown as Admin
    await idsOf(admin, [...stored, { consumer: 'payment', topic: 'gone', topicId: 'c' }])
    expect(asked).to.deep.equal([['point-events']])
  })

  it('are a problem in a topic that was created again, with advice', () => {
    const [found, ...others] = judgePositions(stored, new Map([['point-events', 'b']]))
    expect(others).to.deep.equal([])
    expect(found).to.include({ severity: 'problem' })
    expect(found?.found).to.include('console reads nothing of it')
    expect(found?.advice).to.include('npx boxoffice consumers accept --consumer console --topic point-events')
  })
})
