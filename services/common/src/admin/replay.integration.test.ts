import { randomUUID } from 'node:crypto'
import type { ReplayRangeSchema } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import {
  type Replay,
  ReplayPhase,
  ReplayPhaseSchema,
  type ReplayRange,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromDate, timestampFromMs } from '@bufbuild/protobuf/wkt'
import { expect } from 'chai'
import type { Consumer } from '../inbox/consumer.ts'
import type { ReceivedMessage } from '../inbox/message-handler.ts'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '../testing/consumer-fixture.ts'
import { commandRecord } from '../testing/consumer-records.ts'
import { type OperatorApi, startOperatorApi } from '../testing/operator-api.ts'
import { refusedWith } from '../testing/refusal.ts'

type From = Exclude<MessageInitShape<typeof ReplayRangeSchema>['from'], undefined>

const earliest: From = { case: 'earliest', value: true }

describe('a replay', () => {
  let fixture: ConsumerFixture
  let topic: string
  let api: OperatorApi
  let beforeEffect: (message: ReceivedMessage) => Promise<void> | void

  before(async () => {
    fixture = await createConsumerFixture()
  })
  beforeEach(async () => {
    topic = await fixture.topic(3)
    beforeEffect = () => {}
    api = await startOperatorApi(fixture, 'wallet', handler())
  })
  afterEach(async () => {
    await api.stop()
    await fixture.clear()
  })
  after(() => fixture.dispose())

  const handler = () => recordingHandler([topic], (message) => beforeEffect(message))
  const start = (): Promise<Consumer> => fixture.start({ name: 'wallet', handler: handler() })
  const range = (from: From): MessageInitShape<typeof ReplayRangeSchema> => ({ consumer: 'wallet', from })

  /** Sends records to each of the three partitions, `count` in all, and waits until they are handled. */
  async function handleRecords(count: number): Promise<void> {
    const handled = (await fixture.effects()).length
    await send(count)
    await until('the records', async () => (await fixture.effects()).length >= handled + count)
  }

  async function send(count: number): Promise<void> {
    const records = Array.from({ length: count }, (_, index) => commandRecord({ partition: index % 3 }))
    await fixture.send(topic, records)
  }

  async function startFrom(from: From): Promise<string> {
    const { replay } = await api.startReplay({ requestId: randomUUID(), range: range(from) })
    return replay?.replayId ?? ''
  }

  async function get(replayId: string): Promise<Replay> {
    const { replay } = await api.getReplay({ replayId })
    if (replay === undefined) throw new Error('no replay')
    return replay
  }

  async function ended(replayId: string): Promise<Replay> {
    await until('the end of the replay', async () => (await get(replayId)).phase !== ReplayPhase.RUNNING)
    return await get(replayId)
  }

  function receipt({ phase, reread, known, effective, putAside }: Replay) {
    return { phase: ReplayPhaseSchema.value[phase]?.localName, reread, known, effective, putAside }
  }

  async function positions(): Promise<number[]> {
    const rows = await fixture.query<{ next_offset: string; replay_until: string | null }>(
      'SELECT next_offset, replay_until FROM consumer_position ORDER BY topic, partition',
    )
    return rows.map((row) => Number(row.next_offset))
  }

  const deleteBefore = async (partition: number, offset: number): Promise<void> => {
    const admin = fixture.kafka.admin()
    await admin.connect()
    // KafkaJS deletes only in topics that it has heard of.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] })
    await admin.disconnect()
  }

  it('reads everything again and changes nothing, and says so in its receipt', async () => {
    await start()
    await handleRecords(30)
    const effects = await fixture.effects()
    const done = await ended(await startFrom(earliest))

    expect(receipt(done)).to.deep.equal({
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
    expect(await positions()).to.deep.equal([10, 10, 10])
    await handleRecords(3)
    expect(receipt(await get(done.replayId)).reread).to.equal(30n)
  })

  it('counts what had an effect: messages that the inbox has lost', async () => {
    await start()
    await handleRecords(30)
    await fixture.query('DELETE FROM inbox WHERE message_id IN (SELECT message_id FROM effect LIMIT 12)')
    const done = await ended(await startFrom(earliest))

    expect(receipt(done)).to.include({ reread: 30n, known: 18n, effective: 12n })
    expect(await fixture.effects()).to.have.length(42)
  })

  it('knows what was put aside, and puts nothing aside again', async () => {
    await start()
    const poison = { ...commandRecord({ key: 'bob', partition: 0 }), value: Buffer.from([0xff, 0xff]) }
    await fixture.send(topic, [poison, commandRecord({ key: 'bob', partition: 0 })])
    await handleRecords(9)
    const letters = await fixture.query('SELECT * FROM dead_letter ORDER BY position')
    expect(letters).to.have.length(2)
    const done = await ended(await startFrom(earliest))

    expect(receipt(done)).to.include({ reread: 11n, known: 11n, effective: 0n, putAside: 0n })
    expect(await fixture.query('SELECT * FROM dead_letter ORDER BY position')).to.deep.equal(letters)
  })

  it('begins at an offset of each partition, at one for all, or at a time', async () => {
    await start()
    await handleRecords(15)
    await new Promise((resolve) => setTimeout(resolve, 5))
    const between = new Date()
    await new Promise((resolve) => setTimeout(resolve, 5))
    await handleRecords(6)

    const offsets = [
      { topic, partition: 0, offset: 6n },
      { topic, partition: 2, offset: 2n },
    ]
    const some = await ended(await startFrom({ case: 'offsets', value: { offsets } }))
    expect(some.reread).to.equal(6n)
    expect(some.partitions.map(({ partition }) => partition)).to.deep.equal([0, 2])
    expect((await ended(await startFrom({ case: 'offset', value: 5n }))).reread).to.equal(6n)
    const time: From = { case: 'time', value: timestampFromDate(between) }
    expect((await ended(await startFrom(time))).reread).to.equal(6n)
  })

  it('tells before it is started what it would read again and what is gone', async () => {
    await start()
    await handleRecords(30)
    await deleteBefore(1, 4)
    const before = await positions()
    const { partitions } = await api.dryRunReplay({ range: range({ case: 'offset', value: 3n }) })

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
    const all = await api.dryRunReplay({ range: range(earliest) })
    expect(all.partitions.map(({ gone }) => gone)).to.deep.equal([0n, 4n, 0n])
    expect(await positions()).to.deep.equal(before)
    expect((await ended(await startFrom(earliest))).reread).to.equal(26n)
  })

  it('goes on while messages flow, and counts only those from before it', async () => {
    await start()
    await handleRecords(60)
    let sent = 60
    let flowing = true
    const flow = (async () => {
      while (flowing) {
        await send(6)
        sent += 6
      }
    })()
    const done = await ended(await startFrom(earliest))
    flowing = false
    await flow
    await until('every effect', async () => (await fixture.effects()).length === sent)

    const records = done.partitions.reduce((sum, one) => sum + one.records, 0n)
    expect(receipt(done)).to.deep.equal({
      phase: 'DONE',
      reread: records,
      known: records,
      effective: 0n,
      putAside: 0n,
    })
    expect(new Set((await fixture.effects()).map(({ messageId }) => messageId)).size).to.equal(sent)
  })

  it('goes on with the next member when the one that reads is gone', async () => {
    const member = await start()
    await handleRecords(30)
    await member.stop()
    const replayId = await startFrom(earliest)
    expect((await get(replayId)).phase).to.equal(ReplayPhase.RUNNING)
    // A member that dies in the middle of its first batch: what it did is rolled back.
    await fixture.query('DELETE FROM inbox')
    let stuck = 0
    beforeEffect = () => {
      stuck += 1
      if (stuck > 5) throw Object.assign(new Error('the connection is gone'), { code: 'ECONNRESET' })
    }
    const dying = await start()
    await until('a batch that fails', () => stuck > 5)
    await dying.stop()
    beforeEffect = () => {}
    await start()

    expect(receipt(await ended(replayId))).to.include({ phase: 'DONE', reread: 30n, effective: 30n })
    await handleRecords(3)
  })

  it('leaves everything as it was if its start fails before the commit', async () => {
    await start()
    await handleRecords(9)
    await fixture.query(`ALTER TABLE replay_partition ADD CONSTRAINT refuse CHECK (topic = '')`)
    const requestId = randomUUID()
    const call = () => api.startReplay({ requestId, range: range(earliest) })
    expect(await refusedWith(call())).to.equal('INTERNAL INTERNAL')
    await fixture.query('ALTER TABLE replay_partition DROP CONSTRAINT refuse')

    expect(await positions()).to.deep.equal([3, 3, 3])
    expect(await fixture.query('SELECT * FROM replay')).to.have.length(0)
    await handleRecords(3)
    const { replay } = await call()
    expect((await ended(replay?.replayId ?? '')).reread).to.equal(12n)
  })

  it('can be cancelled: the consumer goes on from where it stood before', async () => {
    const member = await start()
    await handleRecords(30)
    await member.stop()
    const replayId = await startFrom(earliest)
    expect(await positions()).to.deep.equal([0, 0, 0])
    const requestId = randomUUID()
    const { replay } = await api.cancelReplay({ requestId, replayId })
    expect(replay).to.include({ phase: ReplayPhase.CANCELLED, cancelledBy: 'olga', reread: 0n })
    expect(await positions()).to.deep.equal([10, 10, 10])
    expect((await api.cancelReplay({ requestId, replayId })).replay).to.deep.equal(replay)

    await start()
    await handleRecords(3)
    expect((await ended(await startFrom(earliest))).reread).to.equal(33n)
  })

  it('does not touch a replay that has ended when it is cancelled', async () => {
    await start()
    await handleRecords(6)
    const done = await ended(await startFrom(earliest))
    const { replay } = await api.cancelReplay({ requestId: randomUUID(), replayId: done.replayId })
    expect(replay).to.deep.equal(done)
  })

  it('is cancelled while it reads, under traffic, without a message lost', async () => {
    await start()
    await handleRecords(90)
    await send(30)
    const replayId = await startFrom(earliest)
    await api.cancelReplay({ requestId: randomUUID(), replayId })
    await send(30)
    await until('every effect', async () => (await fixture.effects()).length >= 150)
    expect(await fixture.effects()).to.have.length(150)
    expect(await positions()).to.deep.equal([50, 50, 50])
  })

  it('is one at a time for each consumer, and starts once for each request id', async () => {
    const member = await start()
    await handleRecords(9)
    await member.stop()
    const request = { requestId: randomUUID(), range: range(earliest) }
    const answers = await Promise.all([1, 2, 3].map(() => api.startReplay(request)))
    const [replayId, ...others] = new Set(answers.map(({ replay }) => replay?.replayId))
    expect(others).to.deep.equal([])
    expect(await refusedWith(api.startReplay({ ...request, requestId: randomUUID() }))).to.equal(
      'FAILED_PRECONDITION REPLAY_RUNNING',
    )
    expect(
      await refusedWith(api.startReplay({ ...request, range: range({ case: 'offset', value: 0n }) })),
    ).to.equal('ALREADY_EXISTS REQUEST_ID_REUSED')
    expect((await api.listConsumers({})).consumers[0]?.runningReplayId).to.equal(replayId)
    await start()
    await ended(replayId ?? '')
    expect((await api.startReplay(request)).replay?.phase).to.equal(ReplayPhase.DONE)
    expect((await api.listConsumers({})).consumers[0]?.runningReplayId).to.equal('')
  })

  it('is done at once when there is nothing to read again', async () => {
    await start()
    await handleRecords(3)
    const { replay } = await api.startReplay({
      requestId: randomUUID(),
      range: range({ case: 'offset', value: 1n }),
    })
    expect(replay).to.include({ phase: ReplayPhase.DONE, reread: 0n })
  })

  it('ends when retention takes what it has yet to read', async () => {
    const member = await start()
    await handleRecords(30)
    await member.stop()
    const replayId = await startFrom(earliest)
    for (const partition of [0, 1, 2]) await deleteBefore(partition, partition === 1 ? 10 : 4)
    await start()
    await send(3)
    expect(receipt(await ended(replayId))).to.include({ phase: 'DONE', reread: 12n })
  })

  it('is refused where it cannot be meant', async () => {
    await start()
    await handleRecords(9)
    const dryRun = (one: Partial<MessageInitShape<typeof ReplayRangeSchema>>) =>
      refusedWith(api.dryRunReplay({ range: { ...range(earliest), ...one } as ReplayRange }))
    const offsets = (partition: number, offset: bigint): From => ({
      case: 'offsets',
      value: { offsets: [{ topic, partition, offset }] },
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
    expect(await refusedWith(api.getReplay({ replayId: randomUUID() }))).to.equal(
      'NOT_FOUND REPLAY_NOT_FOUND',
    )
    expect(await refusedWith(api.cancelReplay({ requestId: randomUUID(), replayId: randomUUID() }))).to.equal(
      'NOT_FOUND REPLAY_NOT_FOUND',
    )
    const user = api.as('ada', ['admin'])
    expect(await refusedWith(user.listConsumers({}))).to.equal('PERMISSION_DENIED ROLE_MISSING')
    expect(await refusedWith(user.startReplay({ requestId: randomUUID(), range: range(earliest) }))).to.equal(
      'PERMISSION_DENIED ROLE_MISSING',
    )
  })

  it('has its consumer listed with positions and lag', async () => {
    const member = await start()
    await handleRecords(9)
    await member.stop()
    await send(3)
    await deleteBefore(2, 1)
    const { consumers } = await api.listConsumers({})
    expect(consumers.map(({ consumer, topics }) => ({ consumer, topics }))).to.deep.equal([
      { consumer: 'wallet', topics: [topic] },
    ])
    const [partition] = consumers[0]?.partitions.slice(-1) ?? []
    expect(partition).to.include({
      partition: 2,
      position: 3n,
      committedOffset: 3n,
      beginOffset: 1n,
      endOffset: 4n,
      lag: 1n,
    })
  })
})
