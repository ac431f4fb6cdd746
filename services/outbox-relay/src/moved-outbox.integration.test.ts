import { withOptions } from '@boxoffice/common/testing/with-options.ts'
import { migrateMessaging } from '@boxoffice/messaging'
import { createPgDatabase } from '@boxoffice/messaging/pg'
import { expect } from 'chai'
import pg from 'pg'
import { sentenceOf } from './obstacles.ts'
import { countRows, insertRows } from './testing/outbox-database.ts'
import { createRelayFixture, type RelayFixture } from './testing/relay-fixture.ts'
import { waitFor } from './testing/wait-for.ts'

describe('an outbox that comes into the schema of messaging', () => {
  let fixture: RelayFixture
  beforeEach(async () => {
    fixture = await createRelayFixture()
  })
  afterEach(() => fixture.dispose())

  /** As the owner, as the service's command `migrate` does. */
  async function migrate(): Promise<void> {
    const pool = new pg.Pool({ connectionString: withOptions(fixture.database.url) })
    try {
      await migrateMessaging(createPgDatabase(pool), { madeIn: 'public' })
    } finally {
      await pool.end()
    }
  }
  const append = (...payloads: readonly string[]): Promise<string[]> =>
    insertRows(
      fixture.database.pool,
      payloads.map((payload) => ({ topic: fixture.topic.name, key: 'k', payload })),
    )
  const slots = async (): Promise<string[]> => {
    const { rows } = await fixture.database.pool.query<{ name: string }>(
      `SELECT regexp_replace(slot_name, '^outbox_relay_[0-9a-f]+_[0-9]+', 'slot') AS name
       FROM pg_replication_slots WHERE database = $1 ORDER BY 1`,
      [fixture.database.name],
    )
    return rows.map(({ name }) => name)
  }
  const inOrder = (count: number): string[] => Array.from({ length: count }, (_, nth) => `${nth + 1}`)

  it('loses nothing that waited in it, in the old slot or among its parked rows, and keeps the order of a key', async () => {
    const old = fixture.start()
    await old.saw('streaming')
    await append('1')
    await fixture.topic.received(1)
    await fixture.outboxIsEmpty()
    await old.end('SIGKILL')
    await append('2', '3')
    await fixture.database.pool.query(
      `INSERT INTO parked_outbox (id, message_id, topic, key, type, headers, created_at, error)
       VALUES (1000, gen_random_uuid(), $1, 'other', 'T', '{}', now(), 'refused')`,
      [fixture.topic.name],
    )
    await migrate()
    await append('4')
    const now = fixture.start({ OUTBOX_SCHEMA: 'messaging' })
    await now.saw('streaming')
    await append('5')
    await fixture.topic.received(5)
    await fixture.outboxIsEmpty()
    expect(fixture.values()).to.deep.equal(inOrder(5))
    expect(await countRows(fixture.database.pool, 'messaging.parked_outbox')).to.equal(1)
    await waitFor('the old slot to be dropped', async () => (await slots()).length === 1)
    expect(await slots()).to.deep.equal(['slot_e2dcc3'])
    expect(await now.metric('outbox_relay_active')).to.equal(1)
  })

  it('is not brought by a slot from before, under the new name of its publication: PostgreSQL reads the names of then', async () => {
    const { pool, name } = fixture.database
    await pool.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [`before_${name}`])
    await append('1')
    await migrate()
    await append('2')
    const inserts = async (publication: string): Promise<number> => {
      const brought = pool.query<{ data: Buffer }>(
        `SELECT data FROM pg_logical_slot_peek_binary_changes($1, NULL, NULL, 'proto_version', '1', 'publication_names', $2)`,
        [`before_${name}`, publication],
      )
      // Before version 18 it is an error, of each attempt.
      const { rows } = await brought.catch(() => ({ rows: [] }))
      return rows.filter(({ data }) => data[0] === 'I'.charCodeAt(0)).length
    }
    expect(await inserts('messaging_outbox')).to.be.lessThan(2)
    expect(await inserts('outbox')).to.be.lessThan(2)
  })

  it('is published while a relay of the older version is still there, which says what it lacks and publishes none of it', async () => {
    const old = fixture.start({ SWEEP_INTERVAL_MS: '500' })
    await old.saw('streaming')
    await append('1')
    await fixture.topic.received(1)
    await fixture.outboxIsEmpty()
    await migrate()
    await append('2', '3')
    const now = fixture.start({ OUTBOX_SCHEMA: 'messaging' })
    await fixture.topic.received(3)
    await old.saw(`nothing is published: ${sentenceOf('table-missing')}`)
    const blocked = old.logged.find(({ obstacle }) => obstacle === 'table-missing')
    expect(blocked).to.include({ schema: 'public', detail: 'there is one in messaging' })
    await append('4')
    await fixture.topic.received(4)
    await fixture.outboxIsEmpty()
    expect(fixture.values()).to.deep.equal(inOrder(4))
    expect(await now.metric('outbox_relay_active')).to.equal(1)
    expect(old.child.exitCode).to.equal(null)
  })

  it('is published whole after its publication alone has been renamed, where its schema was its own', async () => {
    const { pool, url } = fixture.database
    await pool.query(
      'CREATE SCHEMA shop; ALTER TABLE outbox SET SCHEMA shop; ALTER TABLE parked_outbox SET SCHEMA shop',
    )
    await pool.query('ALTER TABLE outbox_slot SET SCHEMA shop')
    await pool.query(`GRANT USAGE ON SCHEMA shop TO ${new URL(url).username}`)
    const insert = async (...payloads: readonly string[]): Promise<void> => {
      for (const payload of payloads)
        await pool.query(
          `INSERT INTO shop.outbox (message_id, topic, key, type, payload, headers)
           VALUES (gen_random_uuid(), $1, 'k', 'T', $2, '{}')`,
          [fixture.topic.name, Buffer.from(payload)],
        )
    }
    const old = fixture.start({ OUTBOX_SCHEMA: 'shop', OUTBOX_PUBLICATION: 'outbox' })
    await old.saw('streaming')
    await insert('1')
    await fixture.topic.received(1)
    await waitFor('an empty outbox', async () => (await countRows(pool, 'shop.outbox')) === 0)
    await old.end('SIGKILL')
    await insert('2', '3')
    await pool.query('ALTER PUBLICATION outbox RENAME TO shop_outbox')
    const now = fixture.start({ OUTBOX_SCHEMA: 'shop', OBSERVE_INTERVAL_MS: '200' })
    await now.saw('streaming', 20_000)
    await insert('4')
    await fixture.topic.received(4)
    expect(fixture.values()).to.deep.equal(inOrder(4))
    expect(await now.metric('outbox_relay_reconnects_total')).to.equal(0)
    await waitFor('the former slot to go', async () => (await slots()).length === 1)
  })

  it('has its former slot dropped also while its publication is missing', async () => {
    const old = fixture.start()
    await old.saw('streaming')
    await append('1')
    await fixture.topic.received(1)
    await old.end('SIGKILL')
    await migrate()
    await fixture.database.pool.query('DROP PUBLICATION messaging_outbox')
    const now = fixture.start({
      OUTBOX_SCHEMA: 'messaging',
      SCAN_INTERVAL_MS: '50',
      OBSERVE_INTERVAL_MS: '200',
    })
    await now.saw(`publishing by scanning the table: ${sentenceOf('publication-missing')}`)
    await waitFor('the former slot to go', async () => (await slots()).length === 0, 20_000)
  })

  it('has a slot and a publication beside those of another schema in the same database, under the same name of a relay', async () => {
    await migrate()
    const pool = new pg.Pool({ connectionString: withOptions(fixture.database.url, 'public,of_another') })
    try {
      await migrateMessaging(createPgDatabase(pool), { schema: 'of_another' })
    } finally {
      await pool.end()
    }
    for (const schema of ['messaging', 'of_another']) {
      await fixture.start({ OUTBOX_SCHEMA: schema }).saw('streaming')
      await fixture.database.pool.query(
        `INSERT INTO ${schema}.outbox (message_id, topic, key, type, payload, headers)
         VALUES (gen_random_uuid(), $1, 'k', 'T', $2, '{}')`,
        [fixture.topic.name, Buffer.from(schema)],
      )
    }
    await fixture.topic.received(2)
    expect(fixture.values()).to.have.members(['messaging', 'of_another'])
    expect(await slots()).to.have.length(2)
  })
})
