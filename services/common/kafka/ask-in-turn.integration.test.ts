import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { createKafkaClient, type Kafka } from './create-client.ts'
import { createTopics } from './create-topics.ts'
import { offsetRanges } from './end-offsets.ts'
import { offsetsAtTime } from './offsets-at-time.ts'
import { topicIds } from './topic-ids.ts'
import { withAdmin } from './with-admin.ts'

/** How much later the second question comes: one of them meets the first one between its two halves. */
const laterMsMax = 20

describe('an admin client', () => {
  let kafka: Kafka
  const topics = [`test-${randomUUID()}`, `test-${randomUUID()}`, `test-${randomUUID()}`]
  const [first = '', second = '', third = ''] = topics

  before(async () => {
    kafka = createKafkaClient({
      brokers: (process.env.TEST_KAFKA_BROKERS ?? '').split(','),
      clientId: 'test',
    })
    const config = { 'min.insync.replicas': '2' }
    await createTopics(
      kafka,
      topics.map((name) => ({ name, partitions: 3, replicas: 3, config })),
    )
  })
  after(() => withAdmin(kafka, (admin) => admin.deleteTopics({ topics })))

  it('answers several questions about topics that are asked at the same time', async () => {
    for (let laterMs = 0; laterMs < laterMsMax; laterMs += 1) {
      await withAdmin(kafka, async (admin) => {
        const [ranges, ids, offsets] = await Promise.all([
          offsetRanges(admin, first),
          sleep(laterMs).then(() => topicIds(admin, [second])),
          sleep(laterMs).then(() => offsetsAtTime(admin, third, new Date(0))),
        ])
        expect([...ranges.keys()].toSorted()).to.deep.equal([0, 1, 2])
        expect([...ids.keys()]).to.deep.equal([second])
        expect([...offsets.keys()].toSorted()).to.deep.equal([0, 1, 2])
      })
    }
  })

  it('answers a question though an earlier one failed', async () => {
    await withAdmin(kafka, async (admin) => {
      const [failed, answered] = await Promise.allSettled([
        offsetRanges(admin, 'a topic that no name allows'),
        offsetRanges(admin, first),
      ])
      expect(failed.status).to.equal('rejected')
      expect(answered.status).to.equal('fulfilled')
    })
  })
})
