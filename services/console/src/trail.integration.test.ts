import { randomUUID } from 'node:crypto'
import { createKafka, type Kafka } from '@boxoffice/common/kafka/client.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { until } from '@boxoffice/common/testing/consumer-fixture.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { outcomeOf } from '@boxoffice/common/testing/statement.ts'
import { createTopics } from '@boxoffice/kafka'
import type { OutboxMessage } from '@boxoffice/messaging'
import { type Consumer, deriveMessageId, startConsumer } from '@boxoffice/messaging'
import { expect } from 'chai'
import { allTopics, sourceTopics } from './contract/schemas.ts'
import { toTrailMessage } from './contract/to-answers.ts'
import { auditTrail } from './messages/audit-trail.ts'
import { connectCluster } from './observe/read-cluster.ts'
import { createReadThrough } from './observe/read-through.ts'
import { readCompleteSince } from './storage/complete-since.ts'
import { judgePayments } from './storage/judge-payments.ts'
import { CreateTrail } from './storage/migrations/0001-create-trail.ts'
import { rights } from './storage/migrations/rights.ts'
import type { Ranges } from './storage/ranges.ts'
import { readTrailBooks } from './storage/read-books.ts'
import { messagesAfter, messagesOf } from './storage/read-messages.ts'
import { findPayments } from './storage/read-payments.ts'
import { countBeyondTopics, readRebuilds, rebuildTrail } from './storage/rebuild-trail.ts'
import { completedPayment } from './testing/payment-messages.ts'

/** The number of records from which the trail is rebuilt; docs/console.md reports the time for CONSOLE_RECORDS=100000. */
const recordsMin = Number(process.env.CONSOLE_RECORDS ?? 800)

describe('the audit trail', function () {
  this.timeout(240_000)
  const log = createLog({ service: 'test', level: 'silent' })
  const name = `console-${randomUUID()}`
  let kafka: Kafka
  let db: TestDatabase
  /** The database with the console's role, which may only append. */
  let service: Database
  let consumer: Consumer
  const payments = Array.from({ length: Math.ceil(recordsMin / 8) }, (_, nth) => completedPayment(nth))

  before(async () => {
    kafka = createKafka({ brokers: (process.env.TEST_KAFKA_BROKERS ?? '').split(','), clientId: 'test', log })
    const config = { 'min.insync.replicas': '2' }
    await createTopics(
      kafka,
      allTopics.map((topic) => ({ name: topic, partitions: 3, replicas: 3, config })),
    )
    await send(payments.flatMap(({ messages }) => messages))
    db = await createTestDatabase({ entities: [], migrations: [CreateTrail], rights })
    service = await db.asService()
    consumer = await startConsumer({
      name,
      kafka,
      database: service,
      handler: auditTrail(() => undefined),
      source: 'boxoffice/console',
      log,
      metrics: createMetrics('test'),
    })
    await until('the trail has been read', isRead, 200_000)
  })

  after(async () => {
    await consumer?.stop()
    await service?.close()
    await db?.drop()
  })

  it('has every message of a payment with its place, its cause and its payload', async () => {
    const [first] = payments
    const rows = (await messagesOf(db.database.em(), first?.paymentId ?? '', 100)).map(toTrailMessage)
    expect(rows.map(({ messageId }) => messageId)).to.have.members(
      // A charge is about a wallet, not about the payment.
      first?.messages.slice(1).map(({ id }) => id) ?? [],
    )
    const used = rows.find(({ type }) => type.endsWith('PointUsedEvent'))
    expect(used).to.include({ topic: 'point-events', source: 'boxoffice/point', problem: null })
    expect(used?.payload).to.include({ success: true, amount: '100', paymentId: first?.paymentId })
    expect(used?.causeId).to.equal(first?.messages[2]?.id)
    expect(Number(used?.offset)).to.be.at.least(0)
  })

  it('judges books to be right, each wallet a chain, once all has been read', async () => {
    const cluster = connectCluster(kafka)
    const readThrough = createReadThrough(db.database, name)
    await until('the trail is at the end of the topics', async () => {
      await readThrough.look(() => cluster.ranges(sourceTopics))
      return readThrough.time !== undefined
    })
    expect(await readCompleteSince(db.database.em(), await cluster.ranges(sourceTopics))).to.equal(null)
    await cluster.close()
    while ((await judgePayments(service, readThrough.time ?? new Date(0), null)) > 0);
    const books = await readTrailBooks(db.database.em(), null, readThrough.time)
    expect(books).to.deep.include({ waiting: 0, faults: [], brokenWallets: [], inWallets: 0n })
    expect(books.judgedCompleted).to.be.at.least(payments.length)
    expect(books.charged).to.equal(books.spent)
  })

  it('keeps records that cannot be decoded and repeated records, and neither changes its books', async () => {
    const [first, second] = payments
    const paymentId = first?.paymentId ?? ''
    const garbage = {
      ...present(second?.messages[3]),
      payload: Buffer.from([0xff, 0xff]),
      key: Buffer.from([0xff]),
    }
    // The answer to a repeated question has the balance at the time of the repetition.
    const used = present(first?.messages[3])
    const question = randomUUID()
    const id = deriveMessageId(used.type, question)
    const answeredAgain = { ...used, headers: { ...used.headers, ce_id: id, ce_causationid: question } }
    await send([garbage, ...(first?.messages ?? []), answeredAgain])
    const before = await findPayments(db.database.em(), [paymentId])
    await until('both have been read', isRead)
    const rows = (await messagesOf(db.database.em(), paymentId, 100)).map(toTrailMessage)
    expect(rows).to.have.lengthOf(15)
    const [bad] = (await messagesOf(db.database.em(), second?.paymentId ?? '', 100))
      .map(toTrailMessage)
      .filter(({ problem }) => problem !== null)
    expect(bad).to.deep.include({ payload: null, bytes: '//8=', key: '0xff' })
    expect(bad?.problem).to.match(/^UNCLEAN_KEY/)
    expect(await countOf('dead_letter')).to.equal(0)
    const [after] = await findPayments(db.database.em(), [paymentId])
    expect({ ...after, faults: null }).to.deep.equal({ ...before[0], faults: null })
    while ((await judgePayments(service, new Date(), null)) > 0);
    expect(await readTrailBooks(db.database.em(), null, new Date())).to.deep.include({
      faults: [],
      brokenWallets: [],
    })
  })

  it('keeps forged records with their problem, and believes none of them', async () => {
    const { paymentId, messages } = completedPayment(9_999)
    const elsewhere = messages.flatMap((message) =>
      sourceTopics.filter((topic) => topic !== message.topic).map((topic) => ({ ...message, topic })),
    )
    const foreign = messages.map((message) => ({
      ...message,
      headers: { ...message.headers, ce_source: 'boxoffice/console' },
    }))
    const letter = { ...present(messages[2]), topic: 'point-commands-dlt' }
    const facts = ['payment', 'transition', 'ledger_entry', 'sale', 'reservation']
    const before = await Promise.all(facts.map(countOf))
    await send([...elsewhere, ...foreign, letter])
    await until('all have been read', isRead)
    const rows = await messagesOf(db.database.em(), paymentId, 100)
    const problems = Map.groupBy(rows, ({ problem }) => problem?.slice(0, problem.indexOf(':')) ?? 'none')
    // A charge names no payment, so neither it nor its forged copies are found by the payment's id.
    expect([...problems].map(([problem, some]) => [problem, some.length])).to.have.deep.members([
      ['WRONG_TOPIC', 28],
      ['WRONG_SOURCE', 7],
      ['none', 1],
    ])
    expect(
      rows.map(toTrailMessage).every(({ payload }) => payload !== null),
      'and shows them',
    ).to.equal(true)
    expect(await Promise.all(facts.map(countOf))).to.deep.equal(before)
    expect(await findPayments(db.database.em(), [paymentId])).to.deep.equal([])
  })

  it('is completely rebuilt from the topics', async () => {
    const rows = await everything()
    const startedAt = performance.now()
    const ranges = await rangesOf(allTopics)
    expect(await countBeyondTopics(db.database.em(), ranges)).to.equal(0)
    expect(await rebuild(ranges)).to.deep.equal({ records: rows.length, lost: 0, done: true })
    await until('the trail is there again', async () => (await countOf('message')) === rows.length, 200_000)
    const seconds = (performance.now() - startedAt) / 1_000
    if (recordsMin > 10_000) console.error(`      ${rows.length} records in ${seconds.toFixed(1)} s`)
    expect(await everything()).to.deep.equal(rows)
    expect(await countOf('payment')).to.be.at.least(payments.length)
  })

  it('is rebuilt from where its topics begin now, and the records that this loses are counted', async () => {
    const ranges = new Map(await rangesOf(allTopics))
    const [place, range] = [...ranges].find(([, { end }]) => end > 2n) ?? []
    ranges.set(present(place), { ...present(range), begin: 2n })
    expect(await countBeyondTopics(db.database.em(), ranges)).to.equal(2)
    const before = await countOf('message')
    expect(await rebuild(ranges, 1)).to.deep.equal({ records: before, lost: 2, done: false })
    expect(await countOf('message')).to.equal(before)
    expect(await rebuild(ranges, 2)).to.deep.equal({ records: before, lost: 2, done: true })
    await until('the rest is there', async () => (await countOf('message')) === before - 2, 60_000)
  })

  it('gives each record a position in the order of commits', async () => {
    const rows = await messagesAfter(db.database.em(), 0n, 1_000)
    const positions = rows.map(({ position }) => BigInt(position))
    expect(positions).to.deep.equal(positions.toSorted((a, b) => (a < b ? -1 : 1)))
  })

  it('keeps a record of each rebuild, with who, when and how much, across later rebuilds', async () => {
    const ranges = await rangesOf(allTopics)
    await rebuild(ranges, 1_000_000, 'carla')
    const rebuilds = await readRebuilds(db.database.em())
    expect(rebuilds.map(({ subject }) => subject)).to.deep.equal(['carla', 'ada', 'ada'])
    expect(rebuilds[1]).to.include({ lost: 2 })
    expect(Date.now() - Date.parse(rebuilds[0]?.requestTime ?? '')).to.be.within(0, 60_000)
    for (const statement of [
      'DELETE FROM rebuild',
      `INSERT INTO rebuild (subject, records, lost) VALUES ('eve', 0, 0)`,
    ])
      expect(await outcomeOf(db.lesserUrls?.service ?? '', statement), statement).to.equal('42501')
  })

  async function rebuild(ranges: Ranges, lostMax = 0, subject = 'ada') {
    return await service.transaction((em) => rebuildTrail(em, { consumer: name, subject, ranges, lostMax }))
  }

  async function rangesOf(topics: readonly string[]) {
    const cluster = connectCluster(kafka)
    try {
      return await cluster.ranges(topics)
    } finally {
      await cluster.close()
    }
  }

  async function everything(): Promise<unknown[]> {
    const rows = await query<{ row: unknown }>(
      db.database.em(),
      `SELECT to_jsonb(message) - 'position' - 'recorded_at' AS row FROM message ORDER BY topic, partition, "offset"`,
    )
    return rows.map(({ row }) => row)
  }

  async function countOf(table: string): Promise<number> {
    const [row] = await query<{ count: number }>(
      db.database.em(),
      `SELECT count(*)::int AS count FROM ${table}`,
    )
    return row?.count ?? 0
  }

  /** Whether the trail holds as many records as the topics do. */
  async function isRead(): Promise<boolean> {
    const admin = kafka.admin()
    await admin.connect()
    // A broker may not know the end of a topic yet that the controller has just created.
    const offsets = await Promise.all(allTopics.map((topic) => admin.fetchTopicOffsets(topic))).catch(
      () => [],
    )
    await admin.disconnect()
    if (offsets.length === 0) return false
    const total = offsets.flat().reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
    return (await countOf('message')) === total
  }

  async function send(messages: readonly OutboxMessage[]): Promise<void> {
    const producer = kafka.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    for (let from = 0; from < messages.length; from += 1_000) {
      const byTopic = Map.groupBy(messages.slice(from, from + 1_000), ({ topic }) => topic)
      await producer.sendBatch({
        topicMessages: [...byTopic].map(([topic, some]) => ({
          topic,
          messages: some.map(({ key, payload, headers }) => ({
            key: key === null ? null : Buffer.from(key),
            value: payload === null ? null : Buffer.from(payload),
            headers: headers as Record<string, string>,
          })),
        })),
      })
    }
    await producer.disconnect()
  }
})

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is none')
  return value
}
