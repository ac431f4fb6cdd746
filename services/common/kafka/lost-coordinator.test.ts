import { createRequire } from 'node:module'
import { expect } from 'chai'
import { createKafkaClient } from './create-client.ts'

const require = createRequire(import.meta.url)
const ConsumerGroup = require('kafkajs/src/consumer/consumerGroup')
const { KafkaJSConnectionError, KafkaJSProtocolError } = require('kafkajs')

describe("a consumer group's heartbeat", () => {
  before(() => {
    createKafkaClient({ brokers: ['127.0.0.1:9'], clientId: 'test' })
  })

  it('that meets no coordinator says that it has to be looked for', async () => {
    const error = await heartbeatThat(new KafkaJSConnectionError('connect ECONNREFUSED'))
    expect(error).to.include({ type: 'NOT_COORDINATOR_FOR_GROUP' })
  })

  it('that is answered with an error passes it on as it is', async () => {
    const refusal = new KafkaJSProtocolError(
      Object.assign(new Error('unknown'), { type: 'UNKNOWN_MEMBER_ID' }),
    )
    const error = await heartbeatThat(refusal)
    expect(error).to.include({ type: 'UNKNOWN_MEMBER_ID' })
  })
})

async function heartbeatThat(failure: Error): Promise<unknown> {
  const group = Object.assign(
    new ConsumerGroup({ logger: { namespace: () => ({}) }, retry: {}, topicConfigurations: {} }),
    { memberId: 'member', lastRequest: 0, coordinator: { heartbeat: () => Promise.reject(failure) } },
  )
  return await group.heartbeat({ interval: 1 }).catch((error: unknown) => error)
}
