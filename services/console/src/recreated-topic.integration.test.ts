import { randomUUID } from 'node:crypto'
import { createKafka, type Kafka } from '@boxoffice/common/kafka/client.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { until } from '@boxoffice/common/testing/consumer-fixture.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { deleteRecords } from '@boxoffice/common/testing/delete-records.ts'
import { recreateTopic } from '@boxoffice/common/testing/recreate-topic.ts'
import { createTopics } from '@boxoffice/kafka'
import type { OutboxMessage } from '@boxoffice/messaging'
import { type Consumer, startConsumer } from '@boxoffice/messaging'
import { createPositions } from '@boxoffice/messaging/operations'
import { expect } from 'chai'
import { allTopics, sourceTopics } from './contract/schemas.ts'
import { auditTrail } from './messages/audit-trail.ts'
import { type Cluster, connectCluster } from './observe/read-cluster.ts'
import { createReadThrough, type ReadThrough } from './observe/read-through.ts'
import { readCompleteSince } from './storage/complete-since.ts'
import { CreateTrail } from './storage/migrations/0001-create-trail.ts'
import { findPayments } from './storage/read-payments.ts'
import { countBeyondTopics, rebuildTrail } from './storage/rebuild-trail.ts'
import { completedPayment } from './testing/payment-messages.ts'

const topic = 'payment-events'
const partitions = 3

describe('the trail of a topic that is deleted and created again', function () {
  this.timeout(120_000)
  const log = createLog({ service: 'test', level: 'silent' })
  const name = `console-${randomUUID()}`
  const handler = auditTrail(() => undefined)
  let kafka: Kafka
  let db: TestDatabase
  let consumer: Consumer
  let cluster: Cluster
  let readThrough: ReadThrough

  before(async () => {
    kafka = createKafka({ brokers: (process.env.TEST_KAFKA_BROKERS ?? '').split(','), clientId: 'test', log })
    const config = { 'min.insync.replicas': '2' }
    await createTopics(
      kafka,
      allTopics.map((each) => ({ name: each, partitions, replicas: 3, config })),
    )
    db = await createTestDatabase({ entities: [], migrations: [CreateTrail] })
    cluster = connectCluster(kafka)
    readThrough = createReadThrough(db.database, name)
    consumer = await startConsumer({
      ...{ name, kafka, database: db.database, source: 'boxoffice/console', log },
      handler,
      metrics: createMetrics('test'),
      settings: { positionCheckIntervalMs: 200 },
    })
    await until('the trail has been read', isReadThrough, 60_000)
  })

  after(async () => {
    await consumer?.stop()
    await cluster?.close()
    await db?.drop()
    // Other tests expect topics from which no record is gone.
    await recreate(allTopics)
  })

  it('mixes nothing: it waits for an operator, and then has the records of both topics', async () => {
    const former = completedPayment(1)
    await send(former.messages)
    await until('the payment is there', async () => (await statusOf(former.paymentId)) === 'COMPLETED')
    const before = await recordsOf()
    await recreate()
    // These get the same offsets as the records of the former topic, and higher ones.
    const latter = Array.from({ length: 30 }, (_, nth) => completedPayment(2 + nth))
    await send(latter.flatMap(({ messages }) => messages))
    await until('the trail waits', () => !consumer.ready())
    await until('it says so', async () => !(await isReadThrough()))
    expect(await recordsOf()).to.equal(before)
    await accept()
    for (const { paymentId } of [former, ...latter])
      await until('each payment has its end', async () => (await statusOf(paymentId)) === 'COMPLETED')
    const sent = latter.flatMap(({ messages }) => messages).filter((message) => message.topic === topic)
    await until('all records are there', async () => (await recordsOf()) === before + sent.length)
    await until('all has been read', isReadThrough)
    const since = await readCompleteSince(db.database.em(), await cluster.ranges(sourceTopics))
    expect(since?.getTime(), 'what was unread of the former one is gone').to.be.within(
      Date.now() - 120_000,
      Date.now(),
    )
  })

  it('is rebuilt from the present topic, and the records that are lost with the former one are counted', async () => {
    const ranges = await cluster.ranges(allTopics)
    const lost = await countBeyondTopics(db.database.em(), ranges)
    expect(lost).to.be.greaterThan(0)
    await recreate()
    const latest = completedPayment(99)
    await send(latest.messages)
    await until('the trail waits', () => !consumer.ready())
    const current = await cluster.ranges(allTopics)
    const request = { consumer: name, subject: 'carla', ranges: current, lostMax: 1_000_000 }
    const { done } = await db.database.transaction((em) => rebuildTrail(em, request))
    expect(done).to.equal(true)
    await until('the payment is there', async () => (await statusOf(latest.paymentId)) === 'COMPLETED')
    await until('all has been read', isReadThrough)
  })

  it('counts records of partitions that the topic no longer has as lost', async () => {
    const before = await recordsOf()
    const messages = Array.from({ length: 20 }, (_, nth) => completedPayment(200 + nth)).flatMap(
      (payment) => payment.messages,
    )
    await send(messages)
    const records = before + messages.filter((message) => message.topic === topic).length
    await until('they are in the trail', async () => (await recordsOf()) === records)
    await recreate([topic], 1)
    await until('the trail waits', () => !consumer.ready())
    const current = await cluster.ranges(allTopics)
    const lost = await countBeyondTopics(db.database.em(), current)
    expect(lost).to.equal(records)
    const request = { consumer: name, subject: 'carla', ranges: current }
    const rebuild = (lostMax: number) =>
      db.database.transaction((em) => rebuildTrail(em, { ...request, lostMax }))
    expect(await rebuild(lost - 1)).to.include({ done: false, lost })
    expect(await rebuild(lost)).to.include({ done: true, lost })
    const select = 'SELECT DISTINCT topic_id FROM consumer_position WHERE topic = $1'
    const ids = await query<{ topic_id: string }>(db.database.em(), select, [topic])
    expect(ids).to.deep.equal([{ topic_id: current.get(`${topic}/0`)?.topicId }])
    await until('all has been read', isReadThrough)
    await recreate()
    await accept()
    await until('all has been read', isReadThrough)
  })

  it('is at rest where all records of its topics were deleted', async () => {
    for (const each of sourceTopics) await deleteRecords(kafka, each, [0, 1, 2], -1)
    const ranges = await cluster.ranges(allTopics)
    await db.database.transaction((em) =>
      rebuildTrail(em, { consumer: name, subject: 'carla', ranges, lostMax: 1_000_000 }),
    )
    await until('all has been read', isReadThrough)
    const first = readThrough.time?.getTime() ?? Number.POSITIVE_INFINITY
    await until('and goes on', async () => {
      await isReadThrough()
      return (readThrough.time?.getTime() ?? 0) > first
    })
    const since = await readCompleteSince(db.database.em(), await cluster.ranges(sourceTopics))
    expect(since?.getTime()).to.be.at.most(Date.now())
  })

  async function isReadThrough(): Promise<boolean> {
    await readThrough.look(() => cluster.ranges(sourceTopics))
    return readThrough.time !== undefined
  }

  async function accept(): Promise<void> {
    await createPositions({ name, kafka, database: db.database, handler }).acceptTopic({
      consumer: name,
      topic,
      from: 'earliest',
    })
  }

  async function statusOf(paymentId: string): Promise<string | null | undefined> {
    return (await findPayments(db.database.em(), [paymentId]))[0]?.status
  }

  async function recordsOf(): Promise<number> {
    const sql = 'SELECT count(*)::int AS count FROM message WHERE topic = $1'
    return (await query<{ count: number }>(db.database.em(), sql, [topic]))[0]?.count ?? 0
  }

  async function recreate(topics: readonly string[] = [topic], count = partitions): Promise<void> {
    await Promise.all(topics.map((each) => recreateTopic(kafka, each, count)))
  }

  async function send(messages: readonly OutboxMessage[]): Promise<void> {
    const producer = kafka.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    await producer.sendBatch({
      topicMessages: [...Map.groupBy(messages, (message) => message.topic)].map(([each, some]) => ({
        topic: each,
        messages: some.map(({ key, payload, headers }) => ({
          key: key === null ? null : Buffer.from(key),
          value: payload === null ? null : Buffer.from(payload),
          headers: headers as Record<string, string>,
        })),
      })),
    })
    await producer.disconnect()
  }
})
