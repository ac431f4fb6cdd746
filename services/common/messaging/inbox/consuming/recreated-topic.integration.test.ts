import { randomUUID } from 'node:crypto'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { type OperatorApi, startOperatorApi } from '@boxoffice/common/testing/operator-api.ts'
import { recreateTopic } from '@boxoffice/common/testing/recreate-topic.ts'
import { refusedWith } from '@boxoffice/common/testing/refusal.ts'
import { topicIdIn } from '@boxoffice/kafka'
import { AcceptFrom } from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { expect } from 'chai'
import type { MessageHandler } from '../../message/message-handler.ts'

describe('a topic that is deleted and created again', function () {
  this.timeout(120_000)
  let fixture: ConsumerFixture
  let topic: string
  let handler: MessageHandler

  before(async () => {
    fixture = await createConsumerFixture()
  })
  beforeEach(async () => {
    topic = await fixture.topic(2)
    handler = recordingHandler([topic])
  })
  afterEach(() => fixture.clear())
  after(() => fixture.dispose())

  for (const [what, count] of [
    ['with fewer records than before', 2],
    ['with more records than before', 9],
  ] as const) {
    it(`is not read from the old positions, ${what}, until an operator accepts it`, async () => {
      const consumer = await start()
      await handled([1n, 2n, 3n])
      await recreate()
      const news = Array.from({ length: count }, (_, nth) => BigInt(100 + nth))
      await send(news)
      await until('the consumer says so', () => !consumer.ready())
      expect(await partitionsOf()).to.deep.equal([
        { recreated: true, lag: count },
        { recreated: true, lag: 0 },
      ])
      expect(await amounts()).to.deep.equal([1, 2, 3])
      await accept(AcceptFrom.EARLIEST)
      await until('all of it', async () => (await amounts()).length === 3 + count)
      expect(await amounts()).to.deep.equal([1, 2, 3, ...news.map(Number)])
      await until('the consumer is ready', () => consumer.ready())
      expect(await partitionsOf()).to.deep.equal([
        { recreated: false, lag: 0 },
        { recreated: false, lag: 0 },
      ])
    })
  }

  it('while the consumer is away, is seen when it comes back, and can be begun at its end', async () => {
    const consumer = await start()
    await handled([1n, 2n, 3n])
    await consumer.stop()
    await recreate()
    await send([100n, 101n, 102n, 103n])
    const back = await start()
    await until('it is said', async () => (await partitionsOf())[0]?.recreated === true)
    expect(back.ready()).to.equal(false)
    await accept(AcceptFrom.END)
    await until('the consumer is ready', () => back.ready())
    await send([200n])
    await until('what is new', async () => (await amounts()).includes(200))
    expect(await amounts()).to.deep.equal([1, 2, 3, 200])
  })

  it('cannot be accepted where it was not created again, also where a partition was never read', async () => {
    const consumer = await start()
    await handled([1n, 2n, 3n])
    await consumer.stop()
    await fixture.query('DELETE FROM consumer_position WHERE partition = 1')
    const before = await positions()
    expect(await refusedWith(accept(AcceptFrom.END))).to.equal('FAILED_PRECONDITION TOPIC_NOT_RECREATED')
    expect(await positions()).to.deep.equal(before)
  })

  it('is read once it is accepted, though nothing but its batches says so', async () => {
    for (const partition of [0, 1])
      await fixture.query("INSERT INTO consumer_position VALUES ('wallet', $1, $2, 0, NULL, $3)", [
        topic,
        partition,
        randomUUID(),
      ])
    let looks = 0
    const admin = fixture.kafka.admin()
    const { fetchTopicMetadata } = admin
    admin.fetchTopicMetadata = async (options) => {
      looks += 1
      // At first it does not hear that it stands in a former topic; then an operator accepts the one that there is.
      if (looks === 1) return { topics: [] }
      const found = await fetchTopicMetadata(options)
      const id = topicIdIn(found.topics[0]?.partitions ?? [])
      if (looks === 2) await fixture.query('UPDATE consumer_position SET topic_id = $1', [id])
      return found
    }
    const kafka = Object.assign(Object.create(fixture.kafka), { admin: () => admin })
    await fixture.start({ name: 'wallet', kafka, handler, settings: { positionCheckIntervalMs: 600_000 } })
    await handled([1n, 2n, 3n])
  })

  it('puts poison aside at a place where other poison was', async () => {
    await start()
    await fixture.send(topic, [garbage()])
    await until('the first', async () => (await putAside()) === 1)
    await recreate()
    await fixture.send(topic, [garbage()])
    await until('it is said', async () => (await partitionsOf())[0]?.recreated === true)
    await accept(AcceptFrom.EARLIEST)
    await until('the second', async () => (await putAside()) === 2)
  })

  const start = () => fixture.start({ name: 'wallet', handler, settings: { positionCheckIntervalMs: 200 } })
  const positions = () => fixture.query('SELECT * FROM consumer_position ORDER BY partition')
  const garbage = () => ({ key: 'user', value: Buffer.from('garbage'), headers: {}, partition: 0 })
  const amounts = async () => (await fixture.effects()).map(({ amount }) => amount)
  const putAside = async () => (await fixture.query('SELECT FROM dead_letter')).length

  async function send(all: readonly bigint[]): Promise<void> {
    await fixture.send(
      topic,
      all.map((amount) => ({ ...commandRecord({ amount }), partition: 0 })),
    )
  }

  async function handled(all: readonly bigint[]): Promise<void> {
    await send(all)
    await until('the effects', async () => (await amounts()).length === all.length)
  }

  const recreate = () => recreateTopic(fixture.kafka, topic, 2)

  async function asked<T>(ask: (api: OperatorApi) => Promise<T>): Promise<T> {
    const api = await startOperatorApi(fixture, 'wallet', handler)
    try {
      return await ask(api)
    } finally {
      await api.stop()
    }
  }

  async function partitionsOf() {
    const { consumers } = await asked((api) => api.listConsumers({}))
    return consumers[0]?.partitions.map(({ recreated, lag }) => ({ recreated, lag: Number(lag) })) ?? []
  }

  async function accept(from: AcceptFrom): Promise<void> {
    const request = { requestId: randomUUID(), consumer: 'wallet', topic, from }
    await asked((api) => api.acceptTopic(request))
  }
})
