import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { createKafkaClient } from './create-client.ts'
import { createTopics } from './create-topics.ts'
import { withAdmin } from './with-admin.ts'

describe('createTopics', () => {
  let brokers: string[]
  const names: string[] = []
  let kafka: ReturnType<typeof createKafkaClient>

  before(() => {
    brokers = (process.env.TEST_KAFKA_BROKERS ?? '').split(',')
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

  it('returns only when each broker knows the topic, whichever a client asks', async () => {
    for (let round = 0; round < 5; round++) {
      const { name, ...rest } = spec()
      await createTopics(kafka, [{ name, ...rest }])
      const answers = brokers.map(async (broker) => {
        const one = createKafkaClient({ brokers: [broker], clientId: 'create-topics-test' })
        return await withAdmin(one, (admin) => admin.fetchTopicMetadata({ topics: [name] }))
      })
      for (const { topics } of await Promise.all(answers)) expect(topics[0]?.partitions).to.have.lengthOf(12)
    }
  })

  it('creates a topic again that was deleted a moment ago, whichever brokers still know the former one', async () => {
    const again = spec()
    await createTopics(kafka, [again])
    for (let round = 0; round < 10; round++) {
      await withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [again.name] }))
      expect(await createTopics(kafka, [again])).to.deep.equal([again.name])
    }
  })

  function spec() {
    const name = `create-topics-${randomUUID()}`
    names.push(name)
    return { name, partitions: 12, replicas: 3, config: { 'retention.ms': '3600000' } }
  }
})
