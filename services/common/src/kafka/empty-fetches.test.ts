import { createRequire } from 'node:module'
import { expect } from 'chai'
import { createKafka } from './client.ts'

const require = createRequire(import.meta.url)
const Broker = require('kafkajs/src/broker')

describe('a fetch of KafkaJS', () => {
  before(() => {
    createKafka({ brokers: ['127.0.0.1:9'], clientId: 'test' })
  })

  it('brings the partitions that have records, and none of the others', async () => {
    const answer = await fetchThatBrings([
      {
        topicName: 'a',
        partitions: [
          { partition: 0, messages: [] },
          { partition: 1, messages: ['record'] },
        ],
      },
      { topicName: 'b', partitions: [{ partition: 0, messages: [] }] },
    ])
    expect(answer).to.deep.equal({
      throttleTime: 0,
      responses: [{ topicName: 'a', partitions: [{ partition: 1, messages: ['record'] }] }],
    })
  })
})

async function fetchThatBrings(responses: readonly object[]): Promise<unknown> {
  const broker = new Broker({
    connectionPool: { send: async () => ({ throttleTime: 0, responses }) },
    logger: { namespace: () => ({}) },
  })
  broker.lookupRequest = () => () => ({})
  return await broker.fetch({ topics: [] })
}
