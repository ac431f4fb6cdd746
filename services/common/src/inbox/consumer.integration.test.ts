import { expect } from 'chai'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '../testing/consumer-fixture.ts'
import { commandRecord } from '../testing/consumer-records.ts'

describe('a consumer', () => {
  let fixture: ConsumerFixture
  before(async () => {
    fixture = await createConsumerFixture()
  })
  afterEach(() => fixture.clear())
  after(() => fixture.dispose())

  it('applies each message once and keeps what it leads to and where it stands in one transaction', async () => {
    const topic = await fixture.topic()
    const records = [1n, 2n, 3n].map((amount) => commandRecord({ amount }))
    const consumer = await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await fixture.send(topic, records)
    await until('three effects', async () => (await fixture.effects()).length === 3)

    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal([1, 2, 3])
    expect(await fixture.query('SELECT message_id FROM inbox')).to.have.length(3)
    expect(await fixture.query('SELECT id FROM outbox')).to.have.length(3)
    expect(await fixture.query('SELECT next_offset::int FROM consumer_position')).to.deep.equal([
      { next_offset: 3 },
    ])
    expect(consumer.ready()).to.equal(true)
  })

  it('drops a message that comes twice, in one batch and in two', async () => {
    const topic = await fixture.topic()
    const record = commandRecord()
    await fixture.send(topic, [record, record])
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('the first effect', async () => (await fixture.effects()).length === 1)
    await fixture.send(topic, [record, commandRecord({ amount: 7n })])
    await until('the second effect', async () => (await fixture.effects()).length >= 2)

    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal([1, 7])
    expect(await fixture.counted('boxoffice_consumer_duplicates_dropped_total')).to.equal(2)
  })
})
