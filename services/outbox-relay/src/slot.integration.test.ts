import { expect } from 'chai'
import { sentenceOf } from './obstacles.ts'
import { dropActiveSlot } from './testing/drop-active-slot.ts'
import { createOutboxDatabase, insertRows } from './testing/outbox-database.ts'
import { createRelayFixture, type RelayFixture } from './testing/relay-fixture.ts'
import { waitFor } from './testing/wait-for.ts'

describe('a relay, whatever becomes of its slot,', () => {
  let fixture: RelayFixture

  beforeEach(async () => {
    fixture = await createRelayFixture()
  })
  afterEach(() => fixture.dispose())

  it('publishes the rows from before its slot first, in id order', async () => {
    for (let n = 0; n < 30; n++) await fixture.insertOne(`${n}`)
    const relay = fixture.start({ BATCH_ROWS_MAX: '7' })
    await relay.saw('streaming')
    await fixture.insertOne('30')
    await fixture.topic.received(31)
    // A row that comes after the slot and before the scan is brought by both.
    expect([...new Set(fixture.values())]).to.deep.equal(Array.from({ length: 31 }, (_, n) => `${n}`))
    await fixture.outboxIsEmpty()
    // The table does not tell when its rows were committed: the stream's one row alone is timed.
    await waitFor('the one row', async () => (await relay.metric('outbox_relay_wait_seconds_count')) === 1)
    expect(await relay.metric('outbox_relay_wait_seconds_sum')).to.be.below(60)
  })

  it('begins again when it loses its slot while it publishes the rows from before it', async () => {
    const { pool, name } = fixture.database
    // Its topic is missing, for which it waits.
    await insertRows(pool, [{ topic: `missing_${name}`, key: 'k', payload: 'early' }])
    const relay = fixture.start()
    await relay.saw('active')
    const reader = async (): Promise<number | null> => {
      const { rows } = await pool.query<{ active_pid: number | null }>(
        'SELECT active_pid FROM pg_replication_slots WHERE database = $1',
        [name],
      )
      return rows[0]?.active_pid ?? null
    }
    const lost = await reader()
    await pool.query('SELECT pg_terminate_backend($1)', [lost])
    await waitFor('another reader', async () => ![null, lost].includes(await reader()))
    const { rows } = await pool.query<{ scanned: boolean }>('SELECT scanned FROM outbox_slot')
    expect(rows).to.deep.equal([{ scanned: false }])
  })

  it('makes a new slot when its own is dropped, and publishes what came in between', async () => {
    const relay = fixture.start()
    await relay.saw('streaming')
    await dropActiveSlot(fixture.database.pool)
    await fixture.insertOne('in between')
    await fixture.topic.received(1)
    await fixture.insertOne('later')
    await fixture.topic.received(2)
    await fixture.outboxIsEmpty()
  })

  it('waits for the publication, without which a slot would hide rows', async () => {
    await fixture.database.pool.query('DROP PUBLICATION outbox')
    await fixture.insertOne('early')
    const relay = fixture.start()
    await relay.saw(`publishing by scanning the table: ${sentenceOf('publication-missing')}`)
    await fixture.database.pool.query(`CREATE PUBLICATION outbox FOR TABLE outbox WITH (publish = 'insert')`)
    await fixture.insertOne('late')
    await fixture.topic.received(2)
    expect(fixture.values()).to.deep.equal(['early', 'late'])
  })

  it('finds the rows that the stream did not bring', async () => {
    const relay = fixture.start({ SWEEP_INTERVAL_MS: '200' })
    await relay.saw('streaming')
    await fixture.database.pool.query('ALTER PUBLICATION outbox DROP TABLE outbox')
    await fixture.insertOne('missed')
    await fixture.database.pool.query('ALTER PUBLICATION outbox ADD TABLE outbox')
    await fixture.topic.received(1)
    await fixture.outboxIsEmpty()
    expect(await relay.metric('outbox_relay_swept_rows_total')).to.equal(1)
  })

  it('lets an idle database free its log while another one writes', async () => {
    await fixture.start().saw('streaming')
    const other = await createOutboxDatabase()
    try {
      const before = await confirmedFlush()
      await other.pool.query(`CREATE TABLE noise AS SELECT repeat('x', 1000) FROM generate_series(1, 5000)`)
      const { rows } = await other.pool.query<{ lsn: string }>('SELECT pg_current_wal_lsn() AS lsn')
      await waitFor('the slot to follow', async () => {
        const result = await fixture.database.pool.query<{ passed: boolean }>(
          `SELECT confirmed_flush_lsn >= $2::pg_lsn AND confirmed_flush_lsn > $3::pg_lsn AS passed
           FROM pg_replication_slots WHERE database = $1`,
          [fixture.database.name, rows[0]?.lsn, before],
        )
        return result.rows[0]?.passed
      })
    } finally {
      await other.drop()
    }
  })

  it('has a slot of its own beside that of another installation on the same server', async () => {
    const other = await createOutboxDatabase()
    const env = { RELAY_NAME: 'payment' }
    const [relay, otherRelay] = [fixture.start(env), fixture.start({ ...env, DATABASE_URL: other.url })]
    try {
      await Promise.all([relay.saw('streaming'), otherRelay.saw('streaming')])
      await fixture.insertOne('one')
      await insertRows(other.pool, [{ topic: fixture.topic.name, key: 'k', payload: 'another' }])
      await fixture.topic.received(2)
      expect(fixture.values()).to.have.members(['one', 'another'])
    } finally {
      await otherRelay.end('SIGKILL')
      await other.drop()
    }
  })

  async function confirmedFlush(): Promise<string | undefined> {
    const { rows } = await fixture.database.pool.query<{ lsn: string }>(
      'SELECT confirmed_flush_lsn AS lsn FROM pg_replication_slots WHERE database = $1',
      [fixture.database.name],
    )
    return rows[0]?.lsn
  }
})
