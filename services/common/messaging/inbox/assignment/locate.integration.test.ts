import { type ConsumerFixture, createConsumerFixture } from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { batchOf, partitionOf } from '@boxoffice/common/testing/fake-batches.ts'
import { expect } from 'chai'
import { type Locating, locate, relocate } from './locate.ts'

describe('finding out where a consumer stands', () => {
  let fixture: ConsumerFixture
  let locating: Locating
  let gaps: [bigint, bigint][]
  before(async () => {
    fixture = await createConsumerFixture()
    const onGap: Locating['onGap'] = (_, from, to) => void gaps.push([from, to])
    locating = { consumer: 'wallet', database: fixture.db.database, admin: fixture.kafka.admin(), onGap }
  })
  beforeEach(() => {
    gaps = []
  })
  afterEach(() => fixture.clear())
  after(async () => {
    await locating.admin.disconnect()
    await fixture.dispose()
  })

  it('refuses a gap that retention has not made', async () => {
    const topic = await fixture.topic()
    const records = Array.from({ length: 5 }, () => commandRecord())
    await fixture.send(topic, records)
    await locate(locating, [{ topic, partition: 0 }])
    const { nextOffset } = await relocate(
      locating,
      { ...partitionOf(0), topic },
      { ...batchOf(0, 3, 2), topic },
    )
    expect(nextOffset).to.equal(0n)
    expect(gaps).to.deep.equal([])
  })

  it('goes back to a stored position that lies behind a batch, and forward to one ahead of it', async () => {
    const topic = await fixture.topic()
    const records = Array.from({ length: 5 }, () => commandRecord())
    await fixture.send(topic, records)
    await fixture.query(`INSERT INTO consumer_position VALUES ('wallet', $1, 0, 2)`, [topic])
    for (const begin of [0, 4]) {
      const { nextOffset } = await relocate(
        locating,
        { ...partitionOf(0), topic },
        { ...batchOf(0, begin, 1), topic },
      )
      expect(nextOffset).to.equal(2n)
    }
    expect(gaps).to.deep.equal([])
  })

  it('makes a position that is missing, and leaves one that somebody else has made meanwhile', async () => {
    const topic = await fixture.topic(2)
    const partitions = [0, 1].map((partition) => ({ topic, partition }))
    const found = await Promise.all([locate(locating, partitions), locate(locating, partitions)])
    for (const positions of found) {
      expect(positions.map(({ nextOffset }) => nextOffset)).to.deep.equal([0n, 0n])
    }
  })
})
