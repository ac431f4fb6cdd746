import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { ReplicationStream } from './replication-stream.ts'
import { defaultNames } from './testing/outbox-database.ts'
import { createRelayFixture, type RelayFixture } from './testing/relay-fixture.ts'
import type { RelayProcess } from './testing/relay-process.ts'
import { waitFor } from './testing/wait-for.ts'

const measuredOnes = [
  'outbox_relay_oldest_unpublished_age_seconds',
  'outbox_relay_parked_rows',
  'outbox_relay_retained_wal_bytes',
  'outbox_relay_confirmed_lag_bytes',
  'outbox_relay_free_slots',
  'outbox_relay_foreign_slots',
]

describe('what a relay measures', () => {
  let fixture: RelayFixture
  beforeEach(async () => {
    fixture = await createRelayFixture()
  })
  afterEach(() => fixture.dispose())

  const shown = async (relay: RelayProcess): Promise<boolean[]> =>
    await Promise.all(measuredOnes.map(async (name) => !Number.isNaN(await relay.metric(name))))
  const all = (relay: RelayProcess, value: boolean) => async () =>
    (await shown(relay)).every((one) => one === value)

  it('is not shown any more once it has not been measured for a few rounds, and is again as soon as it is', async () => {
    const relay = fixture.start({ OBSERVE_INTERVAL_MS: '100' })
    await relay.saw('streaming')
    await waitFor('all of it', all(relay, true))
    // A lock: without the table the relay would not stream, and say why.
    const locker = await fixture.database.pool.connect()
    try {
      await locker.query('BEGIN')
      await locker.query('LOCK TABLE parked_outbox')
      await waitFor('nothing', all(relay, false))
      expect(await relay.metric('outbox_relay_active')).to.equal(1)
      await locker.query('ROLLBACK')
    } finally {
      locker.release(true)
    }
    await waitFor('all of it', all(relay, true))
  })

  it('counts the slots that somebody else has made in its database, and those that are left', async () => {
    const relay = fixture.start({ OBSERVE_INTERVAL_MS: '100' })
    await relay.saw('streaming')
    await waitFor('all of it', all(relay, true))
    expect(await relay.measured('outbox_relay_foreign_slots')).to.equal(0)
    const slot = `stranger_${randomBytes(4).toString('hex')}`
    await fixture.database.pool.query('SELECT pg_create_logical_replication_slot($1, $2)', [slot, 'pgoutput'])
    await waitFor('it is seen', async () => (await relay.metric('outbox_relay_foreign_slots')) === 1)
    expect(await relay.measured('outbox_relay_free_slots')).to.be.within(0, 38)
    await fixture.database.pool.query('SELECT pg_drop_replication_slot($1)', [slot])
    await waitFor('it is gone', async () => (await relay.metric('outbox_relay_foreign_slots')) === 0)
  })

  it('counts the slots of former names as its own, and not those that a relay of another outbox of the database reads', async () => {
    const { pool, url, name } = fixture.database
    const relay = fixture.start({ OBSERVE_INTERVAL_MS: '100' })
    await relay.saw('streaming')
    const slots = await pool.query<{ name: string; oid: string }>(
      `SELECT slot_name::text AS name, datoid::text AS oid FROM pg_replication_slots WHERE database = $1`,
      [name],
    )
    const [own] = slots.rows
    const another = `outbox_another_${own?.oid}_1f2e3d`
    const make = 'SELECT pg_create_logical_replication_slot($1, $2)'
    await pool.query(make, [another, 'pgoutput'])
    const foreign = (count: number) => async () =>
      (await relay.metric('outbox_relay_foreign_slots')) === count
    await waitFor('it is foreign while no relay reads it', foreign(1))
    const other = await ReplicationStream.open({
      ...{ database: { url }, names: defaultNames, slotName: another, applicationName: 'another' },
      ...{ walSenderTimeoutMs: 5_000, rowsMax: 1, bytesMax: 1_000 },
    })
    try {
      await waitFor("it is another outbox'", foreign(0))
      await pool.query(make, [`${another}_former`, 'pgoutput'])
      await waitFor('one that is not named so', foreign(1))
      await pool.query('INSERT INTO outbox_slot VALUES ($1, true)', [`${another}_former`])
      await waitFor('it is known', foreign(0))
    } finally {
      await other.close()
    }
  })

  it('is not shown by one that stands by: it would be 0, whatever waits', async () => {
    await fixture.start().saw('streaming')
    const standby = fixture.start({ OBSERVE_INTERVAL_MS: '100' })
    await standby.saw('standing by: another relay holds the slot')
    await waitFor('nothing', all(standby, false))
  })
})
