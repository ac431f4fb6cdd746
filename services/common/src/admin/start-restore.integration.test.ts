import { randomUUID } from 'node:crypto'
import { type Restore, RestorePhase } from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { expect } from 'chai'
import { query } from '../postgres/query.ts'
import { type ConsumerFixture, createConsumerFixture, recordingHandler } from '../testing/consumer-fixture.ts'
import { commandRecord } from '../testing/consumer-records.ts'
import { deleteRecords } from '../testing/delete-records.ts'
import { createIdleRestorer, type IdleRestorer } from '../testing/idle-restorer.ts'
import { type OperatorApi, startOperatorApi } from '../testing/operator-api.ts'
import { refusalOf, refusedWith } from '../testing/refusal.ts'

const hourMs = 3_600_000

describe('the start of a restore', () => {
  let fixture: ConsumerFixture
  let restorer: IdleRestorer
  let api: OperatorApi
  let own: string
  const now = Date.now()
  const hoursAgo = (hours: number) => new Date(now - hours * hourMs)

  before(async () => {
    fixture = await createConsumerFixture()
  })
  beforeEach(async () => {
    own = await fixture.topic(3)
    restorer = await createIdleRestorer(fixture, own)
    api = await startOperatorApi(fixture, 'wallet', recordingHandler([]), restorer)
  })
  afterEach(async () => {
    await api.stop()
    await restorer.release()
    await restorer.stop()
  })
  after(() => fixture.dispose())

  it('refuses what has left retention, says how much of which partitions, and does it where that is accepted', async () => {
    await published([0, 3], [0, 2], [0, 1], [1, 3], [1, 1], [2, 3])
    await deleteRecords(fixture.kafka, own, [0], 2)
    await deleteRecords(fixture.kafka, own, [2], 1)
    const requestId = randomUUID()
    const { message, metadata } = await refusalOf(start(2, { requestId }))
    expect(metadata).to.deep.equal({ lost: '3' })
    expect(message).to.contain(`${own}/0 (2), ${own}/2 (1). `)
    expect(await refusedWith(start(2))).to.equal('FAILED_PRECONDITION RECORDS_GONE')
    expect(await rows('SELECT FROM restore')).to.have.length(0)
    expect((await start(2, { requestId, acceptGone: true })).phase).to.equal(RestorePhase.READING)
    // The same request, as the command line repeats it, also once the restore is done.
    await query(restorer.held.em(), `UPDATE restore SET phase = 'DONE', ended_at = clock_timestamp()`)
    expect((await start(2, { requestId, acceptGone: true })).phase).to.equal(RestorePhase.DONE)
  })

  it('does not take for a hole what has left retention before a record that is older than the time', async () => {
    await published([0, 5], [0, 4], [0, 3], [0, 1], [1, 5], [1, 3], [2, 3])
    await deleteRecords(fixture.kafka, own, [0], 2)
    await deleteRecords(fixture.kafka, own, [1], 1)
    expect((await start(2)).phase).to.equal(RestorePhase.READING)
  })

  it('refuses a time after all that the database knows, as its backup may be older', async () => {
    for (const [consumer, hours] of [['wallet', 4] as const, ['wallet', 3] as const, ['another', 1] as const])
      await fixture.query('INSERT INTO inbox VALUES ($1, $2, $3)', [consumer, randomUUID(), hoursAgo(hours)])
    expect(await refusedWith(start(2))).to.equal('INVALID_ARGUMENT RESTORE_FROM_FUTURE')
    const { message } = await refusalOf(start(2))
    expect(message).to.contain(hoursAgo(3).toISOString()).and.to.contain(hoursAgo(2).toISOString())
    expect((await start(3)).phase).to.equal(RestorePhase.READING)
  })

  /** Publishes records, each to a partition and as of so many hours ago. */
  async function published(...records: readonly (readonly [number, number])[]): Promise<void> {
    await fixture.send(
      own,
      records.map(([partition, hours]) => ({
        ...commandRecord({ partition }),
        timestamp: String(hoursAgo(hours).getTime()),
      })),
    )
  }

  async function start(
    hours: number,
    options: { readonly requestId?: string; readonly acceptGone?: boolean } = {},
  ): Promise<Restore> {
    const { requestId = randomUUID(), acceptGone = false } = options
    const answer = await api.startRestore({ requestId, from: timestampFromDate(hoursAgo(hours)), acceptGone })
    if (answer.restore === undefined) throw new Error('no restore')
    return answer.restore
  }

  async function rows(sql: string): Promise<unknown[]> {
    return await query(restorer.held.em(), sql)
  }
})
