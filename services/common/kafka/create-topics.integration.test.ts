import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { createKafkaClient } from './create-client.ts'
import { createTopics } from './create-topics.ts'

describe('createTopics', () => {
  const names: string[] = []
  let kafka: ReturnType<typeof createKafkaClient>

  before(() => {
    const brokers = (process.env.TEST_KAFKA_BROKERS ?? '').split(',')
    kafka = createKafkaClient({ brokers, clientId: 'create-topics-test' })
  })

  after(async () => {
    const admin = kafka.admin()
    await admin.connect()
    await admin.deleteTopics({ topics: names })
    await admin.disconnect()
  })

  it('creates what is missing, leaves the rest, and returns when every partition has a leader', async () => {
    const [first, second] = [spec(), spec()]
    expect(await createTopics(kafka, [first])).to.deep.equal([first.name])
    expect(await createTopics(kafka, [first, second])).to.deep.equal([second.name])
    expect(await createTopics(kafka, [first, second])).to.deep.equal([])

    const admin = kafka.admin()
    await admin.connect()
    const { topics } = await admin.fetchTopicMetadata({ topics: [first.name, second.name] })
    await admin.disconnect()
    for (const { partitions } of topics) {
      expect(partitions).to.have.lengthOf(12)
      for (const { leader, replicas } of partitions) {
        expect(leader).to.be.at.least(0)
        expect(replicas).to.have.lengthOf(3)
      }
    }
  })

  function spec() {
    const name = `create-topics-${randomUUID()}`
    names.push(name)
    return { name, partitions: 12, replicas: 3, config: { 'retention.ms': '3600000' } }
  }
})
