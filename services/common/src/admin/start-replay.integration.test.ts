import { randomUUID } from 'node:crypto'
import {
  ReplayPhase,
  type ReplayRange,
  type ReplayRangeSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import { expect } from 'chai'
import { type ConsumerFixture, createConsumerFixture } from '../testing/consumer-fixture.ts'
import { expectDefect } from '../testing/defects.ts'
import { refusedWith } from '../testing/refusal.ts'
import { createReplayFixture, earliest, type From, type ReplayFixture } from '../testing/replay-fixture.ts'

describe('the start of a replay', () => {
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

  it('reports before it is started what it would read again and what is gone', async () => {
    await wallet.start()
    await wallet.handleRecords(30)
    await wallet.deleteBefore(1, 4)
    const before = await wallet.positions()
    const { partitions } = await wallet.api.dryRunReplay({
      range: wallet.range({ case: 'offset', value: 3n }),
    })

    const numbers = partitions.map((one) => [
      one.targetOffset,
      one.position,
      one.endOffset,
      one.records,
      one.gone,
    ])
    expect(numbers).to.deep.equal([
      [3n, 10n, 10n, 7n, 0n],
      [4n, 10n, 10n, 6n, 1n],
      [3n, 10n, 10n, 7n, 0n],
    ])
    const all = await wallet.api.dryRunReplay({ range: wallet.range(earliest) })
    expect(all.partitions.map(({ gone }) => gone)).to.deep.equal([0n, 4n, 0n])
    expect(await wallet.positions()).to.deep.equal(before)
    expect((await wallet.ended(await wallet.startFrom(earliest))).reread).to.equal(26n)
  })

  it('leaves everything as it was if its start fails before the commit', async () => {
    await wallet.start()
    await wallet.handleRecords(9)
    await fixture.query(`ALTER TABLE replay_partition ADD CONSTRAINT refuse CHECK (topic = '')`)
    const requestId = randomUUID()
    const call = () => wallet.api.startReplay({ requestId, range: wallet.range(earliest) })
    expectDefect(/StartReplay INTERNAL: .*refuse/)
    expect(await refusedWith(call())).to.equal('INTERNAL INTERNAL')
    await fixture.query('ALTER TABLE replay_partition DROP CONSTRAINT refuse')

    expect(await wallet.positions()).to.deep.equal([3, 3, 3])
    expect(await fixture.query('SELECT * FROM replay')).to.have.length(0)
    await wallet.handleRecords(3)
    const { replay } = await call()
    expect((await wallet.ended(replay?.replayId ?? '')).reread).to.equal(12n)
  })

  it('is one at a time for each consumer, and starts once for each request id', async () => {
    const member = await wallet.start()
    await wallet.handleRecords(9)
    await member.stop()
    const request = { requestId: randomUUID(), range: wallet.range(earliest) }
    const answers = await Promise.all([1, 2, 3].map(() => wallet.api.startReplay(request)))
    const [replayId, ...others] = new Set(answers.map(({ replay }) => replay?.replayId))
    expect(others).to.deep.equal([])
    expect(await refusedWith(wallet.api.startReplay({ ...request, requestId: randomUUID() }))).to.equal(
      'FAILED_PRECONDITION REPLAY_RUNNING',
    )
    expect(
      await refusedWith(
        wallet.api.startReplay({ ...request, range: wallet.range({ case: 'offset', value: 0n }) }),
      ),
    ).to.equal('ALREADY_EXISTS REQUEST_ID_REUSED')
    expect((await wallet.api.listConsumers({})).consumers[0]?.runningReplayId).to.equal(replayId)
    await wallet.start()
    await wallet.ended(replayId ?? '')
    expect((await wallet.api.startReplay(request)).replay?.phase).to.equal(ReplayPhase.DONE)
    expect((await wallet.api.listConsumers({})).consumers[0]?.runningReplayId).to.equal('')
  })

  it('is done at once when there is nothing to read again', async () => {
    await wallet.start()
    await wallet.handleRecords(3)
    const { replay } = await wallet.api.startReplay({
      requestId: randomUUID(),
      range: wallet.range({ case: 'offset', value: 1n }),
    })
    expect(replay).to.include({ phase: ReplayPhase.DONE, reread: 0n })
  })

  it('is refused where it cannot be meant', async () => {
    await wallet.start()
    await wallet.handleRecords(9)
    const dryRun = (one: Partial<MessageInitShape<typeof ReplayRangeSchema>>) =>
      refusedWith(wallet.api.dryRunReplay({ range: { ...wallet.range(earliest), ...one } as ReplayRange }))
    const offsets = (partition: number, offset: bigint): From => ({
      case: 'offsets',
      value: { offsets: [{ topic: wallet.topic, partition, offset }] },
    })

    expect(await dryRun({ consumer: 'nobody' })).to.equal('NOT_FOUND CONSUMER_NOT_FOUND')
    expect(await dryRun({ topics: ['other'] })).to.equal('NOT_FOUND CONSUMER_NOT_FOUND')
    expect(await dryRun({ from: { case: 'time', value: timestampFromMs(Date.now() + 60_000) } })).to.equal(
      'INVALID_ARGUMENT REPLAY_FROM_FUTURE',
    )
    expect(await dryRun({ from: offsets(0, 4n) })).to.equal('INVALID_ARGUMENT REPLAY_FROM_FUTURE')
    expect(await dryRun({ from: { case: 'offset', value: 4n } })).to.equal(
      'INVALID_ARGUMENT REPLAY_FROM_FUTURE',
    )
    expect(await dryRun({ from: offsets(3, 0n) })).to.equal('INVALID_ARGUMENT FIELD_VIOLATION')
    for (const seconds of [-1n, 10n ** 15n]) {
      expect(await dryRun({ from: { case: 'time', value: { seconds, nanos: 0 } } }), `${seconds} s`).to.equal(
        'INVALID_ARGUMENT FIELD_VIOLATION',
      )
    }
    expect(await refusedWith(wallet.api.getReplay({ replayId: randomUUID() }))).to.equal(
      'NOT_FOUND REPLAY_NOT_FOUND',
    )
    expect(
      await refusedWith(wallet.api.cancelReplay({ requestId: randomUUID(), replayId: randomUUID() })),
    ).to.equal('NOT_FOUND REPLAY_NOT_FOUND')
    const user = wallet.api.as('ada', ['admin'])
    expect(await refusedWith(user.listConsumers({}))).to.equal('PERMISSION_DENIED ROLE_MISSING')
    expect(
      await refusedWith(user.startReplay({ requestId: randomUUID(), range: wallet.range(earliest) })),
    ).to.equal('PERMISSION_DENIED ROLE_MISSING')
  })
})
