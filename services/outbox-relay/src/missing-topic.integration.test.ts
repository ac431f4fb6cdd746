import { randomBytes } from 'node:crypto'
import { createKafka, type Kafka } from '@boxoffice/common/kafka/client.ts'
import { createTopics, kafkaErrorType, withAdmin } from '@boxoffice/kafka'
import { expect } from 'chai'
import { countRows, insertRows, type TestRow } from './testing/outbox-database.ts'
import { createRelayFixture, type RelayFixture } from './testing/relay-fixture.ts'
import { testBrokers } from './testing/topic.ts'
import { waitFor } from './testing/wait-for.ts'

const partitions = 3

describe('a topic that is missing', () => {
  let kafka: Kafka
  let fixture: RelayFixture
  let missing: string

  before(() => {
    kafka = createKafka({ brokers: testBrokers(), clientId: 'missing-topic' })
  })
  beforeEach(async () => {
    fixture = await createRelayFixture()
    missing = `relay-test-${randomBytes(6).toString('hex')}`
  })
  afterEach(() => fixture.dispose())

  it('has its rows parked after a while, and all others flow meanwhile and afterwards', async () => {
    await create()
    const patient = fixture.start({ TOPIC_PATIENCE_MS: '60000' })
    await patient.saw('streaming')
    await insert([missing, 'k', 'before'])
    await fixture.outboxIsEmpty()
    await remove()
    await insert(
      [missing, 'k', 'lost'],
      [fixture.topic.name, 'k', 'in its batch'],
      [missing, 'j', 'lost too'],
    )
    const afterLost = await position()
    await patient.saw('a topic takes nothing')
    for (const payload of ['second', 'third']) await insert([fixture.topic.name, 'k', payload])
    await waitFor('the other topic', () => fixture.values().includes('third'))
    // Rows go after their position is confirmed, unless something before it waits.
    await waitFor('the two that wait', async () => (await countRows(fixture.database.pool)) === 2)
    expect(await isConfirmed(afterLost)).to.equal(false)
    expect(await parked()).to.deep.equal([])
    expect(await patient.metric('outbox_relay_reconnects_total')).to.equal(0)
    await patient.end('SIGTERM')

    const relay = fixture.start({ OBSERVE_INTERVAL_MS: '200', TOPIC_PATIENCE_MS: '4000' })
    await fixture.outboxIsEmpty()
    await insert([missing, 'k', 'later'], [fixture.topic.name, 'k', 'fourth'])
    await fixture.outboxIsEmpty()
    expect(await parked()).to.deep.equal([
      ['lost', 'UNKNOWN_TOPIC_OR_PARTITION'],
      ['lost too', 'UNKNOWN_TOPIC_OR_PARTITION'],
      ['later', 'KEY_PARKED'],
    ])
    await waitFor('the last one', () => fixture.values().includes('fourth'))
    expect([...new Set(fixture.values())]).to.deep.equal(['in its batch', 'second', 'third', 'fourth'])
    await waitFor('the metric', async () => (await relay.metric('outbox_relay_parked_rows')) === 3)
    await waitFor('a confirmed position', async () => await isConfirmed(await position()))
  })

  it('only for a moment gets its rows in their order, also by a relay that comes after another one', async () => {
    const first = fixture.start()
    await first.saw('streaming')
    await insert([missing, 'k', '1'], [fixture.topic.name, 'k', 'flows'])
    await fixture.topic.received(1)
    await insert([missing, 'k', '2'])
    await first.saw('a topic takes nothing')
    await first.end('SIGKILL')
    const second = fixture.start()
    await second.saw('streaming')
    await insert([missing, 'k', '3'])
    await second.saw('a topic takes nothing')
    await create()
    await insert([missing, 'k', '4'])
    await fixture.outboxIsEmpty()
    expect(await parked()).to.deep.equal([])
    expect(await read(missing)).to.deep.equal(['1', '2', '3', '4'])
  })

  it('does not stop a relay that begins with what the table holds', async () => {
    await insert([missing, 'k', 'lost'], [fixture.topic.name, 'k', 'flows'])
    fixture.start({ BATCH_ROWS_MAX: '1', TOPIC_PATIENCE_MS: '4000' })
    await fixture.topic.received(1)
    await fixture.outboxIsEmpty()
    await insert([fixture.topic.name, 'k', 'by the stream'])
    await waitFor('the stream', () => fixture.values().includes('by the stream'))
    expect(await parked()).to.deep.equal([['lost', 'UNKNOWN_TOPIC_OR_PARTITION']])
  })

  async function create(): Promise<void> {
    await createTopics(kafka, [{ name: missing, partitions, replicas: 3, config: {} }])
  }

  /** Deletes the topic, and waits until its leaders know: one that has not heard of it yet still takes records. */
  async function remove(): Promise<void> {
    const producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 0 } })
    // The producer sends to the leaders that it has found once, also after the topic is deleted.
    const resultIn = (partition: number): Promise<string | undefined> =>
      producer
        .send({ topic: missing, acks: 1, messages: [{ partition, value: 'probe' }] })
        .then(() => 'taken', kafkaErrorType)
    await producer.connect()
    try {
      await waitFor('the leaders', async () => (await resultIn(0)) === 'taken')
      await withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [missing] }))
      for (let partition = 0; partition < partitions; partition++) {
        await waitFor(
          `the end of partition ${partition}`,
          async () => (await resultIn(partition)) === 'UNKNOWN_TOPIC_OR_PARTITION',
        )
      }
    } finally {
      await producer.disconnect()
    }
  }

  async function insert(...rows: [topic: string, key: string, payload: string][]): Promise<void> {
    await insertRows(
      fixture.database.pool,
      rows.map(([topic, key, payload]): TestRow => ({ topic, key, payload })),
    )
  }

  async function parked(): Promise<[string, string][]> {
    const { rows } = await fixture.database.pool.query<{ payload: Buffer; error: string }>(
      'SELECT payload, error FROM parked_outbox ORDER BY id',
    )
    return rows.map(({ payload, error }) => [`${payload}`, error])
  }

  async function position(): Promise<string> {
    const { rows } = await fixture.database.pool.query<{ lsn: string }>('SELECT pg_current_wal_lsn() AS lsn')
    return rows[0]?.lsn ?? '0/0'
  }

  async function isConfirmed(lsn: string): Promise<boolean> {
    const { rows } = await fixture.database.pool.query<{ confirmed: boolean }>(
      'SELECT confirmed_flush_lsn >= $1::pg_lsn AS confirmed FROM pg_replication_slots WHERE database = $2',
      [lsn, fixture.database.name],
    )
    return rows[0]?.confirmed ?? false
  }

  /** The values of a topic, each once, in the order of their first coming. */
  async function read(topic: string): Promise<string[]> {
    const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 50 })
    const values = new Set<string>()
    await consumer.connect()
    try {
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      await consumer.run({
        eachMessage: async ({ message }) => {
          values.add(`${message.value}`)
        },
      })
      await waitFor('four values', () => values.size === 4)
      return [...values]
    } finally {
      await consumer.disconnect()
    }
  }
})
