import { randomUUID } from 'node:crypto'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { until } from '@boxoffice/common/testing/consumer-fixture.ts'
import { deleteRecords } from '@boxoffice/common/testing/delete-records.ts'
import { startForeignWriter } from '@boxoffice/common/testing/foreign-writer/foreign-writer.ts'
import { recreateTopic } from '@boxoffice/common/testing/recreate-topic.ts'
import { expect } from 'chai'
import { createKafkaClient, type Kafka } from './create-client.ts'
import { createTopics } from './create-topics.ts'
import { endOffsets } from './end-offsets.ts'
import { OtherTopicError, topicRanges } from './other-topic.ts'
import { readRanges } from './read-ranges.ts'
import { readTopics } from './read-topics.ts'
import { withAdmin } from './with-admin.ts'

describe('reading topics', function () {
  this.timeout(60_000)
  const log = createLog({ service: 'test', level: 'silent' })
  const partitions = [0, 1]
  let kafka: Kafka

  before(() => {
    kafka = createKafkaClient({
      brokers: (process.env.TEST_KAFKA_BROKERS ?? '').split(','),
      clientId: 'test',
    })
  })

  it('brings everything that retention has kept, each partition in its order, and leaves no group behind', async () => {
    const topics = [`test-${randomUUID()}`, `test-${randomUUID()}`, `test-${randomUUID()}`]
    const [first = '', second = ''] = topics
    const config = { 'min.insync.replicas': '2' }
    await createTopics(
      kafka,
      topics.map((name) => ({ name, partitions: partitions.length, replicas: 3, config })),
    )
    await write(first, 5)
    await write(second, 3)
    await deleteRecords(kafka, second, [1], 2)
    const before = await groups()
    const read: Record<string, string[]> = {}
    await readTopics({
      kafka,
      topics,
      log,
      onRecord({ topic, partition, value }) {
        read[`${topic}/${partition}`] = [...(read[`${topic}/${partition}`] ?? []), String(value)]
      },
    })
    expect(read).to.deep.equal({
      [`${first}/0`]: ['0', '1', '2', '3', '4'],
      [`${first}/1`]: ['0', '1', '2', '3', '4'],
      [`${second}/0`]: ['0', '1', '2'],
      [`${second}/1`]: ['2'],
    })
    // Groups of earlier tests may go meanwhile.
    expect((await groups()).filter((id) => !before.includes(id))).to.deep.equal([])
  })

  it('ends where the last that stands in a topic is a transaction that was given up', async () => {
    const topic = `test-${randomUUID()}`
    await createTopics(kafka, [
      { name: topic, partitions: 1, replicas: 3, config: { 'min.insync.replicas': '2' } },
    ])
    const writer = await startForeignWriter((process.env.TEST_KAFKA_BROKERS ?? '').split(','))
    const value = Buffer.from('value')
    await writer.write({ codec: 'snappy', end: 'commit', topic, records: [{ value }] })
    await writer.write({ codec: 'snappy', end: 'abort', topic, records: [{ value }] })
    await writer.stop()
    await until('the end of the transaction', async () => {
      const ends = await withAdmin(kafka, (admin) => endOffsets(admin, topic))
      return ends.get(0) === 4n
    })
    const read: string[] = []
    await readTopics({ kafka, topics: [topic], log, onRecord: ({ offset }) => read.push(String(offset)) })
    expect(read).to.deep.equal(['0'])
  })

  for (const [what, count] of [
    ['which is empty', 0],
    ['which has more records', 40],
  ] as const) {
    it(`ends when another topic has the name, ${what}`, async () => {
      const topic = `test-${randomUUID()}`
      const config = { 'min.insync.replicas': '2' }
      await createTopics(kafka, [{ name: topic, partitions: partitions.length, replicas: 3, config }])
      await write(topic, 5)
      const former = await withAdmin(kafka, (admin) => topicRanges(admin, topic))
      await recreateTopic(kafka, topic, partitions.length)
      await write(topic, count)
      const read: string[] = []
      const reading = readRanges({
        kafka,
        log,
        stretches: [{ topic, partition: 0, topicId: former.topicId, from: 2n, to: 5n }],
        onRecords: async (_, records) => void read.push(...records.map(({ value }) => String(value))),
      })
      const error = await reading.then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(error).to.be.instanceOf(OtherTopicError)
      expect(read).to.deep.equal([])
    })
  }

  const groups = async (): Promise<string[]> => {
    const found = await withAdmin(kafka, (admin) => admin.listGroups())
    return found.groups.map(({ groupId }) => groupId)
  }

  /** Writes so many records into each partition. */
  async function write(topic: string, count: number): Promise<void> {
    const producer = kafka.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    const messages = partitions.flatMap((partition) =>
      Array.from({ length: count }, (_, nth) => ({ partition, key: 'key', value: String(nth) })),
    )
    await producer.send({ topic, messages })
    await producer.disconnect()
  }
})
