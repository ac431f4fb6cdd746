import { randomUUID } from 'node:crypto'
import { createKafka, type Kafka } from '@boxoffice/common/kafka/client.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { until } from '@boxoffice/common/testing/consumer-fixture.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { deleteRecords } from '@boxoffice/common/testing/delete-records.ts'
import { startForeignWriter } from '@boxoffice/common/testing/foreign-writer/foreign-writer.ts'
import { createTopics, endOffsets, withAdmin } from '@boxoffice/kafka'
import { startConsumer } from '@boxoffice/messaging'
import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import { expect } from 'chai'
import { entities } from '../storage/entities.ts'
import { migrations } from '../storage/migrations.ts'
import { type Answers, watchAnswers } from './answers-read.ts'

describe('the answers that the deadline of a payment waits for', () => {
  let test: TestDatabase
  let kafka: Kafka
  let topic: string
  let answers: Answers
  const partitions = [0, 1]

  before(async () => {
    test = await createTestDatabase({ entities, migrations })
    kafka = createKafka({ brokers: (process.env.TEST_KAFKA_BROKERS ?? '').split(','), clientId: 'test' })
  })
  beforeEach(async () => {
    topic = `test-${randomUUID()}`
    const config = { 'min.insync.replicas': '2' }
    await createTopics(kafka, [{ name: topic, partitions: partitions.length, replicas: 3, config }])
    answers = watchAnswers({ kafka, database: test.database, consumer: 'payment', topic })
  })
  afterEach(() => answers.close())
  after(() => test.drop())

  it('are read once the consumer has reached the former end of the topic', async () => {
    await write(1)
    const read = answers.readToEnd()
    await standAt(0, 1)
    await standAt(1, 1)
    expect(await read).to.equal(true)
  })

  it('are read in a topic that retention has emptied', async () => {
    await write(3)
    await deleteRecords(kafka, topic, partitions, 3)
    await standAt(0, 1)
    expect(await answers.readToEnd()).to.equal(true)
  })

  it('are read while a replay reads handled records again, and unread when new records come', async () => {
    await write(2)
    await standAt(0, 0, 2)
    await standAt(1, 0, 2)
    expect(await answers.readToEnd()).to.equal(true)
    await write(1)
    const read = answers.readToEnd()
    await standAt(0, 3)
    await standAt(1, 1, 2)
    await answers.close()
    expect(await read).to.equal(false)
  })

  it('are read although the topic ends with a transaction that was given up', async () => {
    const writer = await startForeignWriter((process.env.TEST_KAFKA_BROKERS ?? '').split(','))
    const consumer = await startConsumer({
      name: 'payment',
      kafka,
      database: test.database,
      handler: { topics: [topic], codec: createProtobufCodec([]), handle: async () => ({ outbox: [] }) },
      source: 'boxoffice/payment',
      log: createLog({ service: 'test', level: 'silent' }),
      metrics: createMetrics('test'),
    })
    try {
      await writer.write({
        codec: 'zstd',
        end: 'abort',
        topic,
        records: [{ value: Buffer.from('given up') }],
      })
      await until('the end of the transaction', async () => {
        const ends = await withAdmin(kafka, (admin) => endOffsets(admin, topic))
        return ends.get(0) === 2n
      })
      await until('the end of the topic', async () => await answers.readToEnd())
    } finally {
      await consumer.stop()
      await writer.stop()
    }
  })

  it('are not read in a topic that was created again, although the consumer had read further in the former topic', async () => {
    await write(1)
    await standAt(0, 5)
    await standAt(1, 5)
    await query(test.database.em(), 'UPDATE consumer_position SET topic_id = $1 WHERE topic = $2', [
      randomUUID(),
      topic,
    ])
    const read = answers.readToEnd()
    await answers.close()
    expect(await read).to.equal(false)
  })

  it('are not waited for once the service stops', async () => {
    await write(1)
    const read = answers.readToEnd()
    await answers.close()
    expect(await read).to.equal(false)
  })

  /** Writes records into each partition. */
  async function write(count: number): Promise<void> {
    const producer = kafka.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    const messages = partitions.flatMap((partition) =>
      Array.from({ length: count }, () => ({ key: 'key', value: 'value', partition })),
    )
    await producer.send({ topic, messages })
    await producer.disconnect()
  }

  const standAt = (partition: number, offset: number, replayUntil: number | null = null) =>
    query(test.database.em(), putPosition, ['payment', topic, partition, offset, replayUntil])
})

const putPosition = `
  INSERT INTO consumer_position (consumer, topic, partition, next_offset, replay_until) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (consumer, topic, partition)
    DO UPDATE SET next_offset = excluded.next_offset, replay_until = excluded.replay_until`
