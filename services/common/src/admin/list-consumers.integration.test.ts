import { expect } from 'chai'
import { type ConsumerFixture, createConsumerFixture, until } from '../testing/consumer-fixture.ts'
import { createReplayFixture, type ReplayFixture } from '../testing/replay-fixture.ts'

describe('a consumer', () => {
  let fixture: ConsumerFixture
  let wallet: ReplayFixture

  before(async () => {
    fixture = await createConsumerFixture()
  })
  beforeEach(async () => {
    wallet = await createReplayFixture(fixture)
  })
  afterEach(() => wallet.end())
  after(() => fixture.dispose())

  it('is listed with its positions and its lag', async () => {
    const member = await wallet.start()
    await wallet.handleRecords(9)
    await member.stop()
    await wallet.send(3)
    await wallet.deleteBefore(2, 1)
    const list = async () => (await wallet.api.listConsumers({})).consumers
    const last = ([consumer]: Awaited<ReturnType<typeof list>>) => consumer?.partitions.at(-1)
    // A member that was stopped may still be committing.
    await until('its offset', async () => last(await list())?.committedOffset === 3n)
    const consumers = await list()
    expect(consumers.map(({ consumer, topics }) => ({ consumer, topics }))).to.deep.equal([
      { consumer: 'wallet', topics: [wallet.topic] },
    ])
    expect(last(consumers)).to.include({
      partition: 2,
      position: 3n,
      committedOffset: 3n,
      beginOffset: 1n,
      endOffset: 4n,
      lag: 1n,
    })
  })
})
