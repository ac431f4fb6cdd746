import { until } from '@boxoffice/common/testing/consumer-fixture.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { withOptions } from '@boxoffice/common/testing/with-options.ts'
import { expect } from 'chai'
import pg from 'pg'
import { createPgDatabase } from '../pg/index.ts'
import { migrateMessaging } from './migrate-messaging.ts'
import { migrations } from './migrations.ts'
import { publicationOf } from './place.ts'

const id = (nth: number): string => `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`

/** What a service has in each table in the middle of its work. */
const rows: Readonly<Record<string, string>> = {
  outbox: `(message_id, topic, key, type, payload, headers)
    SELECT gen_random_uuid(), 'orders', 'k', 'T', 'p', '{"a": "b"}' FROM generate_series(1, 3)`,
  parked_outbox: `(id, message_id, topic, type, headers, created_at, error)
    VALUES (7, '${id(1)}', 'orders', 'T', '{}', now(), 'refused')`,
  outbox_slot: `VALUES ('outbox_shop_1', true)`,
  consumer_position: `(consumer, topic, partition, next_offset, replay_until) VALUES ('shop', 'orders', 0, 5, 9)`,
  replay: `(replay_id, consumer, range, phase, started_by) VALUES ('${id(2)}', 'shop', '{}', 'RUNNING', 'ops')`,
  replay_partition: `(replay_id, topic, partition, target_offset, next_offset, until_offset, end_offset, gone, reread)
    VALUES ('${id(2)}', 'orders', 0, 2, 5, 9, 9, 0, 3)`,
  restore: `(restore_id, from_time, phase, started_by, replay_id) VALUES ('${id(3)}', now(), 'APPLYING', 'ops', '${id(2)}')`,
  restore_partition: `(restore_id, topic, partition, from_offset, next_offset, until_offset, gone)
    VALUES ('${id(3)}', 'invoices', 0, 0, 2, 4, 0)`,
  restore_fact: `(message_id, line, type, occurred_at, payload) VALUES ('${id(4)}', 'k', 'T', now(), 'p')`,
  inbox: `(consumer, message_id, processed_at) VALUES ('shop', '${id(5)}', now()), ('shop', '${id(6)}', now() - interval '9 days')`,
  dead_letter: `(dead_letter_id, consumer, message_id, topic, partition, "offset", key, headers, reason, error, attempts)
    VALUES ('${id(7)}', 'shop', '${id(8)}', 'orders', 0, 1, 'k', '[]', 'POISON', 'no', 3)`,
  dead_letter_event: `(dead_letter_id, action, subject, detail) VALUES ('${id(7)}', 'REDRIVE_FAILED', 'ops', 'no')`,
  parked_key: `(consumer, topic, key_hash, key) VALUES ('shop', 'orders', sha256('k'), 'k')`,
  redrive: `(redrive_id, subject) VALUES ('${id(9)}', 'ops')`,
}

describe('the tables of messaging that version 1 made', () => {
  let test: TestDatabase
  let pool: pg.Pool
  const open = (path?: string): pg.Pool =>
    new pg.Pool({ connectionString: withOptions(test.url, path), max: 4 })
  const migrate = (options = {}) => migrateMessaging(createPgDatabase(pool), options)

  beforeEach(async () => {
    test = await createTestDatabase({ entities: [], migrations: [] })
    pool = open()
  })
  afterEach(async () => {
    await pool.end()
    await test.drop()
  })

  /** What the library made up to version 1: where the search path said, with the publication's old name. */
  async function makeVersion1(schema: string, isRecorded: boolean): Promise<void> {
    const old = open(schema)
    const place = { from: schema, schema, publication: 'outbox' }
    for (const statement of migrations[0]?.statements(place) ?? []) await old.query(statement)
    if (isRecorded) {
      await old.query(`CREATE TABLE messaging_migration (version integer PRIMARY KEY, checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now())`)
      await old.query('INSERT INTO messaging_migration VALUES (1, $1)', [checksumOf1])
    }
    for (const [table, values] of Object.entries(rows)) await old.query(`INSERT INTO ${table} ${values}`)
    await old.end()
  }
  const contents = async (schema: string): Promise<unknown[]> =>
    await Promise.all(
      Object.keys(rows).map(async (table) => {
        const { rows: found } = await pool.query(
          `SELECT to_jsonb(t) AS row FROM ${schema}.${table} AS t ORDER BY 1`,
        )
        return { table, found }
      }),
    )

  for (const isRecorded of [true, false])
    it(`come into their schema with every row, ${isRecorded ? 'where the library made them' : "where a service's own migrations did"}`, async () => {
      await makeVersion1('public', isRecorded)
      const before = await contents('public')
      expect(await migrate({ madeIn: 'public' })).to.deep.equal([2])
      expect(await contents('messaging')).to.deep.equal(before)
      expect(await migrate({ madeIn: 'public' })).to.deep.equal([])
      const left = await pool.query(
        `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`,
      )
      expect(left.rows).to.deep.equal([])
    })

  it('go on where they were: ids, references, indexes, rights and the publication', async () => {
    const role = `relay_${process.pid}`
    await makeVersion1('public', true)
    await pool.query(`CREATE ROLE ${role}; GRANT INSERT ON outbox TO ${role}; CREATE PUBLICATION outbox_1of2
      FOR TABLE outbox WHERE (id % 2 = 0) WITH (publish = 'insert')`)
    try {
      await migrate()
      const { rows: next } = await pool.query(
        `INSERT INTO outbox (message_id, topic, type, headers) VALUES (gen_random_uuid(), 't', 'T', '{}') RETURNING id`,
      )
      expect(next).to.deep.equal([{ id: '4' }])
      const { rows: published } = await pool.query(
        `SELECT pubname, schemaname, tablename, replace(rowfilter, '"', '') AS rowfilter FROM pg_publication_tables ORDER BY 1`,
      )
      const of = { schemaname: 'messaging', tablename: 'outbox' }
      expect(published).to.deep.equal([
        { ...of, pubname: 'messaging_outbox', rowfilter: null },
        { ...of, pubname: 'messaging_outbox_1of2', rowfilter: '((id % (2)::bigint) = 0)' },
      ])
      const { rows: rights } = await pool.query(
        `SELECT has_table_privilege($1, 'messaging.outbox', 'INSERT') AS insert, has_table_privilege($1, 'messaging.outbox', 'SELECT') AS select`,
        [role],
      )
      expect(rights).to.deep.equal([{ insert: true, select: false }])
      expect(await codeOf(pool.query('DELETE FROM replay'))).to.equal('23503')
      expect(
        await codeOf(pool.query(`INSERT INTO inbox (consumer, message_id) VALUES ('shop', '${id(5)}')`)),
      ).to.equal('23505')
    } finally {
      await pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    }
  })

  it('are found by the functions of the owner, their own and those that the service has made beside them', async () => {
    await makeVersion1('public', true)
    await pool.query(`
      CREATE FUNCTION is_restoring() RETURNS boolean LANGUAGE sql SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$ SELECT EXISTS (SELECT FROM restore WHERE phase = 'APPLYING') $$;
      CREATE FUNCTION of_another() RETURNS integer LANGUAGE sql SET search_path = pg_catalog AS 'SELECT 1';
      CREATE FUNCTION without() RETURNS integer LANGUAGE sql AS 'SELECT 1'`)
    await migrate()
    const { rows: paths } = await pool.query(
      `SELECT proname AS name, replace(array_to_string(proconfig, ';'), '"', '') AS path FROM pg_proc
       WHERE pronamespace IN ('public'::regnamespace, 'messaging'::regnamespace) ORDER BY 1`,
    )
    expect(paths).to.deep.equal([
      { name: 'forget_inbox', path: 'search_path=pg_catalog, messaging, pg_temp' },
      { name: 'is_restoring', path: 'search_path=pg_catalog, messaging, public, pg_temp' },
      { name: 'of_another', path: 'search_path=pg_catalog' },
      { name: 'without', path: null },
    ])
    const { rows: called } = await pool.query(
      `SELECT is_restoring() AS restoring, forget_inbox('shop', 86400000, 10) AS forgotten`,
    )
    expect(called).to.deep.equal([{ restoring: true, forgotten: 1 }])
  })

  it('stay as they are where the search path would not find them any more, or another has the name of the publication', async () => {
    await makeVersion1('public', true)
    const old = open('public')
    try {
      const moving = migrateMessaging(createPgDatabase(old))
      expect(await codeOf(moving)).to.equal('SCHEMA_NOWHERE')
      await pool.query('CREATE PUBLICATION messaging_outbox')
      expect(await codeOf(migrate())).to.equal('SCHEMA_TAKEN')
      await pool.query(`DROP PUBLICATION messaging_outbox; CREATE PUBLICATION messaging_outbox_1of2;
        CREATE PUBLICATION outbox_1of2 FOR TABLE outbox`)
      expect(await codeOf(migrate()), 'of a shard').to.equal('SCHEMA_TAKEN')
      await pool.query('DROP PUBLICATION messaging_outbox_1of2; CREATE SCHEMA messaging')
      for (const table of Object.keys(rows)) {
        await pool.query(`CREATE TABLE messaging.${table} (id integer)`)
        expect(await codeOf(migrate()), table).to.equal('SCHEMA_TAKEN')
        await pool.query(`DROP TABLE messaging.${table}`)
      }
      expect((await old.query('SELECT FROM outbox')).rowCount).to.equal(3)
    } finally {
      await old.end()
    }
  })

  it("stay another service's, where the search path passes through their schema behind the first", async () => {
    await makeVersion1('public', true)
    await pool.query('CREATE SCHEMA billing')
    const before = await contents('public')
    const migrateBilling = async (path: string): Promise<unknown> => {
      const billing = open(path)
      const schema = 'billing_messaging'
      try {
        return await migrateMessaging(createPgDatabase(billing), { schema }).catch((error) => error.code)
      } finally {
        await billing.end()
      }
    }
    expect(await migrateBilling('billing,public,billing_messaging')).to.equal('SCHEMA_TAKEN')
    expect(await contents('public')).to.deep.equal(before)
    expect(await migrateBilling('billing,billing_messaging,public')).to.deep.equal([1, 2])
    expect(await contents('public')).to.deep.equal(before)
  })

  it('keep no call waiting for longer than its own bound while another transaction keeps them from being moved', async () => {
    await makeVersion1('public', true)
    const holder = await pool.connect()
    const patient = createPgDatabase(pool, { lockMs: 60_000, statementMs: 120_000 })
    try {
      await holder.query('BEGIN; DELETE FROM outbox')
      const moving = migrateMessaging(patient)
      await waitForLock(pool)
      await createPgDatabase(pool).transaction((sql) => sql.query('SELECT FROM consumer_position FOR UPDATE'))
      await holder.query('ROLLBACK')
      expect(await moving).to.deep.equal([2])
      expect((await pool.query('SELECT FROM messaging.outbox')).rowCount).to.equal(3)
    } finally {
      holder.release(true)
    }
  })

  it('are found where the search path names the schema of messaging in front', async () => {
    await makeVersion1('public', true)
    const front = open('messaging,public')
    try {
      expect(await migrateMessaging(createPgDatabase(front))).to.deep.equal([2])
      expect((await front.query('SELECT FROM messaging.outbox')).rowCount).to.equal(3)
    } finally {
      await front.end()
    }
  })

  it('stay in a schema that messaging has had for itself, under a publication that is named by it', async () => {
    await pool.query('CREATE SCHEMA of_the_shop')
    await makeVersion1('of_the_shop', true)
    const own = open('public,of_the_shop')
    try {
      const before = await contents('of_the_shop')
      expect(await migrateMessaging(createPgDatabase(own), { schema: 'of_the_shop' })).to.deep.equal([2])
      expect(await contents('of_the_shop')).to.deep.equal(before)
      const { rows: names } = await pool.query('SELECT pubname FROM pg_publication')
      expect(names).to.deep.equal([{ pubname: publicationOf('of_the_shop') }])
    } finally {
      await own.end()
    }
  })
})

/** Until the move waits for a table. */
async function waitForLock(pool: pg.Pool): Promise<void> {
  await until('a lock that is waited for', async () => {
    const { rowCount } = await pool.query(
      `SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock' AND relation = to_regclass('public.outbox')`,
    )
    return rowCount === 1
  })
}

/** As the library noted it before there was a version 2. */
const checksumOf1 = '14d256b07f14b77247a55340ed3c49c7a7ce2a510d39bfc9d60407d3a2f0c31a'

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => 'done',
    (error: { code?: unknown }) => error.code,
  )
}
