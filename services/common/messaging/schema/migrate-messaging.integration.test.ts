import { createKafka } from '@boxoffice/common/kafka/client.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { withOptions } from '@boxoffice/common/testing/with-options.ts'
import { expect } from 'chai'
import pg from 'pg'
import { createCodec, type SqlDatabase, startConsumer } from '../index.ts'
import { createPgDatabase } from '../pg/index.ts'
import { migrateMessaging } from './migrate-messaging.ts'
import { migrations } from './migrations.ts'
import { requireSchema } from './require-schema.ts'

const all = migrations.map(({ version }) => version)

describe('the tables of messaging', () => {
  let test: TestDatabase
  let pool: pg.Pool
  let database: SqlDatabase

  beforeEach(async () => {
    test = await createTestDatabase({ entities: [], migrations: [] })
    pool = new pg.Pool({ connectionString: withOptions(test.url), max: 4 })
    database = createPgDatabase(pool, { lockMs: 20_000, statementMs: 30_000 })
  })
  afterEach(async () => {
    await pool.end()
    await test.drop()
  })

  it('are made once, also by several processes at the same time', async () => {
    const applied = await Promise.all(Array.from({ length: 4 }, () => migrateMessaging(database)))
    expect(applied.flat()).to.deep.equal(all)
    expect(await migrateMessaging(database)).to.deep.equal([])
  })

  it('are made in a schema of their own, behind the business tables, with the functions that look there', async () => {
    await migrateMessaging(database)
    await pool.query(`INSERT INTO inbox VALUES ('shop', gen_random_uuid(), now() - interval '3 days')`)
    const { rows } = await pool.query(`SELECT forget_inbox('shop', 86400000, 10) AS forgotten`)
    expect(rows).to.deep.equal([{ forgotten: 1 }])
    await pool.query('CREATE TABLE customer (name text)')
    const { rows: tables } = await pool.query(
      `SELECT schemaname, count(*)::int FROM pg_tables WHERE schemaname IN ('public', 'messaging') GROUP BY 1 ORDER BY 1`,
    )
    expect(tables).to.deep.equal([
      { schemaname: 'messaging', count: 15 },
      { schemaname: 'public', count: 1 },
    ])
  })

  it('are made twice in one database, for two services, each with its publication', async () => {
    await migrateMessaging(database)
    const other = new pg.Pool({ connectionString: withOptions(test.url, 'other,other_messaging') })
    try {
      const schema = 'other_messaging'
      expect(await migrateMessaging(createPgDatabase(other), { schema })).to.deep.equal(all)
      const { rows } = await pool.query(
        'SELECT pubname, schemaname FROM pg_publication_tables ORDER BY pubname',
      )
      expect(rows).to.deep.equal([
        { pubname: 'messaging_outbox', schemaname: 'messaging' },
        { pubname: 'other_messaging_outbox', schemaname: 'other_messaging' },
      ])
    } finally {
      await other.end()
    }
  })

  for (const schema of ['order', 'user'])
    it(`are made in a schema whose name is a reserved word: ${schema}`, async () => {
      const own = new pg.Pool({ connectionString: withOptions(test.url, `public,"${schema}"`) })
      try {
        expect(await migrateMessaging(createPgDatabase(own), { schema })).to.deep.equal(all)
        const { rows } = await own.query(`SELECT forget_inbox('shop', 86400000, 10) AS forgotten`)
        expect(rows).to.deep.equal([{ forgotten: 0 }])
      } finally {
        await own.end()
      }
    })

  it('are not made in a schema whose name PostgreSQL keeps, or would cut off in that of a publication', async () => {
    for (const schema of ['pg_own', 'Shop', 'x'.repeat(49)])
      expect(await codeOf(migrateMessaging(database, { schema })), schema).to.equal('SCHEMA_NAME')
  })

  for (const path of ['pg_temp', 'public'])
    it(`are not made where the search path does not lead to them: ${path}`, async () => {
      const lost = new pg.Pool({ connectionString: withOptions(test.url, path) })
      try {
        expect(await codeOf(migrateMessaging(createPgDatabase(lost)))).to.equal('SCHEMA_NOWHERE')
      } finally {
        await lost.end()
      }
    })

  it('are not made where the search path finds another table of a name first', async () => {
    await pool.query('CREATE TABLE inbox (id integer)')
    expect(await codeOf(migrateMessaging(database))).to.equal('SCHEMA_TAKEN')
    const own = new pg.Pool({ connectionString: withOptions(test.url, 'messaging,public') })
    try {
      expect(await migrateMessaging(createPgDatabase(own))).to.deep.equal(all)
      expect(await migrateMessaging(createPgDatabase(own))).to.deep.equal([])
    } finally {
      await own.end()
    }
  })

  it('are not made over tables that another has made, of a newer version, or of one that said something else', async () => {
    await pool.query('CREATE SCHEMA messaging; CREATE TABLE messaging.outbox (id integer)')
    expect(await codeOf(migrateMessaging(database))).to.equal('SCHEMA_TAKEN')
    await pool.query('DROP TABLE messaging.outbox; CREATE VIEW messaging.parked_key AS SELECT 1')
    expect(await codeOf(migrateMessaging(database))).to.equal('SCHEMA_TAKEN')
    await pool.query('DROP VIEW messaging.parked_key')
    await migrateMessaging(database)
    await pool.query(`INSERT INTO messaging_migration (version, checksum, needs) VALUES ($1, 'later', $1)`, [
      all.length + 1,
    ])
    expect(await codeOf(migrateMessaging(database))).to.equal('SCHEMA_AHEAD')
    await pool.query('DELETE FROM messaging_migration WHERE version = $1', [all.length + 1])
    await pool.query(`UPDATE messaging_migration SET checksum = 'other' WHERE version = 1`)
    expect(await codeOf(migrateMessaging(database))).to.equal('SCHEMA_CHANGED')
  })

  it('may be newer, for a consumer and for a migration, where they were noted to work with this version', async () => {
    await migrateMessaging(database)
    const later = `INSERT INTO messaging_migration (version, checksum, needs) VALUES ($1, 'later', $2)`
    await pool.query(later, [all.length + 1, all.length])
    await requireSchema(database)
    expect(await migrateMessaging(database)).to.deep.equal([])
    await pool.query(later, [all.length + 2, all.length + 2])
    expect(await codeOf(requireSchema(database))).to.equal('SCHEMA_AHEAD')
    expect(await codeOf(migrateMessaging(database))).to.equal('SCHEMA_AHEAD')
    await pool.query('ALTER TABLE messaging_migration DROP COLUMN needs')
    expect(await codeOf(requireSchema(database)), 'without a note').to.equal('SCHEMA_AHEAD')
  })

  it('are looked at before a consumer starts: without them, or with older or newer ones, it says what to do', async () => {
    const kafka = createKafka({
      brokers: (process.env.TEST_KAFKA_BROKERS ?? '').split(','),
      clientId: 'test',
    })
    const handler = {
      topics: ['orders'],
      codec: createCodec('text/plain', {}),
      handle: async () => ({ outbox: [] }),
    }
    const start = () => startConsumer({ name: 'shop', source: 'shop', kafka, database, handler })
    expect(await messageOf(start())).to.include('call migrateMessaging(database) first')
    await migrateMessaging(database)
    await pool.query(`INSERT INTO messaging_migration (version, checksum, needs) VALUES ($1, 'later', $1)`, [
      all.length + 1,
    ])
    expect(await messageOf(start())).to.include('update the library')
    await pool.query('DELETE FROM messaging_migration')
    expect(await messageOf(start())).to.include('call migrateMessaging(database) first')
  })

  it('give the role of a relay what a relay does, and nothing else', async () => {
    const role = `relay_${process.pid}`
    await pool.query(`CREATE ROLE ${role}`)
    try {
      await migrateMessaging(database, { relayRole: role })
      const { rows } = await pool.query(
        `SELECT table_name, string_agg(privilege_type, ', ' ORDER BY privilege_type) AS rights
         FROM information_schema.role_table_grants WHERE grantee = $1 GROUP BY table_name ORDER BY table_name`,
        [role],
      )
      expect(rows).to.deep.equal([
        { table_name: 'outbox', rights: 'DELETE, SELECT' },
        { table_name: 'outbox_slot', rights: 'INSERT, SELECT, UPDATE' },
        { table_name: 'parked_outbox', rights: 'INSERT, SELECT' },
      ])
      const usage = await pool.query(`SELECT has_schema_privilege($1, 'messaging', 'USAGE') AS may`, [role])
      expect(usage.rows).to.deep.equal([{ may: true }])
    } finally {
      await pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    }
  })
})

async function failureOf(work: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  return await work.then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  )
}

const codeOf = async (work: Promise<unknown>) => (await failureOf(work)).code
const messageOf = async (work: Promise<unknown>) => (await failureOf(work)).message
