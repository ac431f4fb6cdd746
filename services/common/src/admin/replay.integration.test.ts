import { ReplayPhase } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { expect } from 'chai'
import { type ConsumerFixture, createConsumerFixture, until } from '../testing/consumer-fixture.ts'
import { commandRecord } from '../testing/consumer-records.ts'
import {
  createReplayFixture,
  earliest,
  type From,
  type ReplayFixture,
  receiptOf,
} from '../testing/replay-fixture.ts'

describe('a replay', () => {
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

  it('reads everything again and changes nothing, and says so in its receipt', async () => {
    await wallet.start()
    await wallet.handleRecords(30)
    const effects = await fixture.effects()
    const done = await wallet.ended(await wallet.startFrom(earliest))

    expect(receiptOf(done)).to.deep.equal({
      phase: 'DONE',
      reread: 30n,
      known: 30n,
      effective: 0n,
      putAside: 0n,
    })
    expect(done.subject).to.equal('olga')
    expect(done.endTime).not.to.equal(undefined)
    expect(done.partitions.map(({ position, untilOffset }) => [position, untilOffset])).to.deep.equal(
      Array.from({ length: 3 }, () => [10n, 10n]),
    )
    expect(await fixture.effects()).to.deep.equal(effects)
    expect(await wallet.positions()).to.deep.equal([10, 10, 10])
    await wallet.handleRecords(3)
    expect(receiptOf(await wallet.get(done.replayId)).reread).to.equal(30n)
  })

  it('counts what had an effect: messages that the inbox has lost', async () => {
    await wallet.start()
    await wallet.handleRecords(30)
    await fixture.query('DELETE FROM inbox WHERE message_id IN (SELECT message_id FROM effect LIMIT 12)')
    const done = await wallet.ended(await wallet.startFrom(earliest))

    expect(receiptOf(done)).to.include({ reread: 30n, known: 18n, effective: 12n })
    expect(await fixture.effects()).to.have.length(42)
  })

  it('knows what was put aside, and puts nothing aside again', async () => {
    await wallet.start()
    const poison = { ...commandRecord({ key: 'bob', partition: 0 }), value: Buffer.from([0xff, 0xff]) }
    await fixture.send(wallet.topic, [poison, commandRecord({ key: 'bob', partition: 0 })])
    await wallet.handleRecords(9)
    const letters = await fixture.query('SELECT * FROM dead_letter ORDER BY position')
    expect(letters).to.have.length(2)
    const done = await wallet.ended(await wallet.startFrom(earliest))

    expect(receiptOf(done)).to.include({ reread: 11n, known: 11n, effective: 0n, putAside: 0n })
    expect(await fixture.query('SELECT * FROM dead_letter ORDER BY position')).to.deep.equal(letters)
  })

  it('begins at an offset of each partition, at one for all, or at a time', async () => {
    await wallet.start()
    await wallet.handleRecords(15)
    await new Promise((resolve) => setTimeout(resolve, 5))
    const between = new Date()
    await new Promise((resolve) => setTimeout(resolve, 5))
    await wallet.handleRecords(6)

    const offsets = [
      { topic: wallet.topic, partition: 0, offset: 6n },
      { topic: wallet.topic, partition: 2, offset: 2n },
    ]
    const some = await wallet.ended(await wallet.startFrom({ case: 'offsets', value: { offsets } }))
    expect(some.reread).to.equal(6n)
    expect(some.partitions.map(({ partition }) => partition)).to.deep.equal([0, 2])
    expect((await wallet.ended(await wallet.startFrom({ case: 'offset', value: 5n }))).reread).to.equal(6n)
    const time: From = { case: 'time', value: timestampFromDate(between) }
    expect((await wallet.ended(await wallet.startFrom(time))).reread).to.equal(6n)
  })

  it('goes on while messages flow, and counts only those from before it', async () => {
    await wallet.start()
    await wallet.handleRecords(60)
    let sent = 60
    let flowing = true
    const flow = (async () => {
      while (flowing) {
        await wallet.send(6)
        sent += 6
      }
    })()
    const done = await wallet.ended(await wallet.startFrom(earliest))
    flowing = false
    await flow
    await until('every effect', async () => (await fixture.effects()).length === sent)

    const records = done.partitions.reduce((sum, one) => sum + one.records, 0n)
    expect(receiptOf(done)).to.deep.equal({
      phase: 'DONE',
      reread: records,
      known: records,
      effective: 0n,
      putAside: 0n,
    })
    expect(new Set((await fixture.effects()).map(({ messageId }) => messageId)).size).to.equal(sent)
  })

  it('goes on with the next member when the one that reads is gone', async () => {
    const member = await wallet.start()
    await wallet.handleRecords(30)
    await member.stop()
    const replayId = await wallet.startFrom(earliest)
    expect((await wallet.get(replayId)).phase).to.equal(ReplayPhase.RUNNING)
    // A member that dies in the middle of its first batch: what it did is rolled back.
    await fixture.query('DELETE FROM inbox')
    let stuck = 0
    wallet.beforeEffect = () => {
      stuck += 1
      if (stuck > 5) throw Object.assign(new Error('the connection is gone'), { code: 'ECONNRESET' })
    }
    const dying = await wallet.start()
    await until('a batch that fails', () => stuck > 5)
    await dying.stop()
    wallet.beforeEffect = () => {}
    await wallet.start()

    expect(receiptOf(await wallet.ended(replayId))).to.include({ phase: 'DONE', reread: 30n, effective: 30n })
    await wallet.handleRecords(3)
  })

  it('ends when retention takes what it has yet to read', async () => {
    const member = await wallet.start()
    await wallet.handleRecords(30)
    await member.stop()
    const replayId = await wallet.startFrom(earliest)
    for (const partition of [0, 1, 2]) await wallet.deleteBefore(partition, partition === 1 ? 10 : 4)
    await wallet.start()
    await wallet.send(3)
    expect(receiptOf(await wallet.ended(replayId))).to.include({ phase: 'DONE', reread: 12n })
  })
})
