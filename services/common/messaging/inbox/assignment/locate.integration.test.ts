import { randomUUID } from 'node:crypto'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { deleteRecords } from '@boxoffice/common/testing/delete-records.ts'
import { batchOf, partitionOf } from '@boxoffice/common/testing/fake-batches.ts'
import { startOperatorApi } from '@boxoffice/common/testing/operator-api.ts'
import { receiptOf } from '@boxoffice/common/testing/replay-fixture.ts'
import { expect } from 'chai'
import { type LocateOptions, locate, relocate } from './locate.ts'

describe('locating the positions of a consumer', () => {
  let fixture: ConsumerFixture
  let locateOptions: LocateOptions
  let gaps: [bigint, bigint][]
  let shorter: [bigint, bigint][]
  before(async () => {
    fixture = await createConsumerFixture()
    const onGap: LocateOptions['onGap'] = (_, from, to) => void gaps.push([from, to])
    const onShorterLog: LocateOptions['onShorterLog'] = (_, position, end) =>
      void shorter.push([position, end])
    const { db, kafka } = fixture
    locateOptions = { consumer: 'wallet', database: db.database, admin: kafka.admin(), onGap, onShorterLog }
  })
  beforeEach(() => {
    gaps = []
    shorter = []
  })
  afterEach(() => fixture.clear())
  after(async () => {
    await locateOptions.admin.disconnect()
    await fixture.dispose()
  })

  it('refuses a gap that retention has not made', async () => {
    const topic = await fixture.topic()
    const records = Array.from({ length: 5 }, () => commandRecord())
    await fixture.send(topic, records)
    await locate(locateOptions, [{ topic, partition: 0 }])
    const { nextOffset } = await relocate(
      locateOptions,
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
        locateOptions,
        { ...partitionOf(0), topic },
        { ...batchOf(0, begin, 1), topic },
      )
      expect(nextOffset).to.equal(2n)
    }
    expect(gaps).to.deep.equal([])
  })

  it('counts no record as gone that was passed over before retention removed it', async () => {
    const topic = await fixture.topic()
    await fixture.send(
      topic,
      Array.from({ length: 8 }, () => commandRecord()),
    )
    await locate(locateOptions, [{ topic, partition: 0 }])
    const at = partitionOf(0)
    const progress = { ...at.progress, position: 3n, passedOver: [0n, 1n, 2n] }
    await deleteRecords(fixture.kafka, topic, [0], 2)
    const passedOver = { ...at, topic, progress }
    const { nextOffset } = await relocate(locateOptions, passedOver, { ...batchOf(0, 5, 1), topic })
    expect(nextOffset).to.equal(3n)
    expect(gaps).to.deep.equal([])

    await deleteRecords(fixture.kafka, topic, [0], 6)
    const further = { ...progress, position: 5n, stored: 3n, passedOver: [3n, 4n] }
    const moved = await relocate(
      locateOptions,
      { ...passedOver, progress: further },
      { ...batchOf(0, 6, 1), topic },
    )
    expect(moved.nextOffset).to.equal(6n)
    expect(gaps).to.deep.equal([[5n, 6n]])
  })

  it('counts as read again by a replay what was passed over before retention removed it', async () => {
    const topic = await fixture.topic()
    const api = await startOperatorApi(fixture, 'wallet', recordingHandler([topic]))
    try {
      await fixture.send(
        topic,
        Array.from({ length: 6 }, () => commandRecord()),
      )
      await fixture.query(`INSERT INTO consumer_position VALUES ('wallet', $1, 0, 6)`, [topic])
      const range = { consumer: 'wallet', from: { case: 'offset' as const, value: 0n } }
      const { replay } = await api.startReplay({ requestId: randomUUID(), range })
      const replayId = replay?.replayId ?? ''
      const at = partitionOf(0)
      const progress = { ...at.progress, position: 3n, passedOver: [0n, 1n, 2n] }
      await deleteRecords(fixture.kafka, topic, [0], 5)
      await relocate(locateOptions, { ...at, topic, progress }, { ...batchOf(0, 5, 1), topic })
      const { replay: read } = await api.getReplay({ replayId })
      if (read === undefined) throw new Error('no replay')
      expect(receiptOf(read)).to.include({ reread: 3n, known: 3n, effective: 0n })
    } finally {
      await api.stop()
    }
  })

  it('begins again where the log is shorter than the position, which is no gap, and counts nothing as read again yet', async () => {
    const topic = await fixture.topic()
    const api = await startOperatorApi(fixture, 'wallet', recordingHandler([topic]))
    try {
      await fixture.send(topic, [commandRecord(), commandRecord()])
      await fixture.query(`INSERT INTO consumer_position VALUES ('wallet', $1, 0, 6)`, [topic])
      const range = { consumer: 'wallet', from: { case: 'offset' as const, value: 0n } }
      const { replay } = await api.startReplay({ requestId: randomUUID(), range })
      await fixture.query('UPDATE consumer_position SET next_offset = 3')
      const at = partitionOf(0)
      const progress = { ...at.progress, stored: 3n, position: 5n, passedOver: [3n, 4n] }
      const moved = await relocate(locateOptions, { ...at, topic, progress }, { ...batchOf(0, 0, 2), topic })
      expect(moved.nextOffset).to.equal(0n)
      expect(shorter).to.deep.equal([[5n, 2n]])
      expect(gaps).to.deep.equal([])
      const { replay: read } = await api.getReplay({ replayId: replay?.replayId ?? '' })
      if (read === undefined) throw new Error('no replay')
      expect(receiptOf(read)).to.include({ reread: 0n })
    } finally {
      await api.stop()
    }
  })

  it('creates a missing position, and leaves one that another member has created in the meantime', async () => {
    const topic = await fixture.topic(2)
    const partitions = [0, 1].map((partition) => ({ topic, partition }))
    const found = await Promise.all([locate(locateOptions, partitions), locate(locateOptions, partitions)])
    for (const positions of found) {
      expect(positions.map(({ nextOffset }) => nextOffset)).to.deep.equal([0n, 0n])
    }
  })
})
