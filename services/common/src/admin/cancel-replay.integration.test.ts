import { randomUUID } from 'node:crypto'
import { createReplays } from '@boxoffice/messaging/operations'
import { ReplayPhase } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { expect } from 'chai'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '../testing/consumer-fixture.ts'
import { createReplayFixture, earliest, type ReplayFixture } from '../testing/replay-fixture.ts'

describe('a replay that is cancelled', () => {
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

  it('can be cancelled: the consumer goes on from where it was before', async () => {
    const member = await wallet.start()
    await wallet.handleRecords(30)
    await member.stop()
    const replayId = await wallet.startFrom(earliest)
    expect(await wallet.positions()).to.deep.equal([0, 0, 0])
    const requestId = randomUUID()
    const { replay } = await wallet.api.cancelReplay({ requestId, replayId })
    expect(replay).to.include({ phase: ReplayPhase.CANCELLED, cancelledBy: 'olga', reread: 0n })
    expect(await wallet.positions()).to.deep.equal([10, 10, 10])
    expect((await wallet.api.cancelReplay({ requestId, replayId })).replay).to.deep.equal(replay)

    await wallet.start()
    await wallet.handleRecords(3)
    expect((await wallet.ended(await wallet.startFrom(earliest))).reread).to.equal(33n)
  })

  it('is read and cancelled without its range where a script has asked for it in words of its own', async () => {
    const member = await wallet.start()
    await wallet.handleRecords(3)
    await member.stop()
    const replays = createReplays({
      ...{ name: 'wallet', kafka: fixture.kafka, database: fixture.db.database },
      handler: recordingHandler([wallet.topic]),
    })
    const replayId = randomUUID()
    const range = { consumer: 'wallet', topics: [], from: { case: 'earliest' } } as const
    await replays.start({ replayId, range, asked: 'since yesterday', subject: 'ann' })
    const { replay } = await wallet.api.getReplay({ replayId })
    expect(replay).to.include({ replayId, phase: ReplayPhase.RUNNING, subject: 'ann' })
    expect(replay?.range).to.equal(undefined)
    const cancelled = await wallet.api.cancelReplay({ requestId: randomUUID(), replayId })
    expect(cancelled.replay).to.include({ replayId, phase: ReplayPhase.CANCELLED, cancelledBy: 'olga' })
  })

  it('does not touch a replay that has ended when it is cancelled', async () => {
    await wallet.start()
    await wallet.handleRecords(6)
    const done = await wallet.ended(await wallet.startFrom(earliest))
    const { replay } = await wallet.api.cancelReplay({ requestId: randomUUID(), replayId: done.replayId })
    expect(replay).to.deep.equal(done)
  })

  it('is cancelled while it reads, under traffic, without a message lost', async () => {
    await wallet.start()
    await wallet.handleRecords(90)
    await wallet.send(30)
    const replayId = await wallet.startFrom(earliest)
    await wallet.api.cancelReplay({ requestId: randomUUID(), replayId })
    await wallet.send(30)
    await until('every effect', async () => (await fixture.effects()).length >= 150)
    expect(await fixture.effects()).to.have.length(150)
    expect(await wallet.positions()).to.deep.equal([50, 50, 50])
  })
})
