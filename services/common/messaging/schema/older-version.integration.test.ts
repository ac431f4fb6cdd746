import { randomUUID } from 'node:crypto'
import { createMessagingTables } from '@boxoffice/common/postgres/messaging-tables.ts'
import {
  type ConsumerFixture,
  createConsumerFixture,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { withOptions } from '@boxoffice/common/testing/with-options.ts'
import { expect } from 'chai'
import pg from 'pg'
import { z } from 'zod'
import { handbookSection, hereDocuments } from '../../../../test/support/handbook.ts'
import { type Consumer, createJsonCodec, migrateMessaging, startConsumer } from '../index.ts'
import { createPgDatabase, type PgTransaction } from '../pg/index.ts'

/** A process of the older version is one whose search path names the business tables alone. */
const olderPath = 'public'

describe('a consumer of the older version, while the tables of messaging are moved', () => {
  let fixture: ConsumerFixture
  let test: TestDatabase
  let pools: pg.Pool[]
  let consumers: Consumer[]
  let topic: string
  let sent: number
  before(async () => {
    fixture = await createConsumerFixture()
  })
  after(() => fixture.dispose())
  beforeEach(async () => {
    pools = []
    consumers = []
    sent = 0
    test = await createTestDatabase({ entities: [], migrations: [] })
    topic = await fixture.topic(2)
    const old = open(olderPath)
    for (const statement of [...createMessagingTables, 'CREATE TABLE effect (id bigserial, note text)'])
      await old.query(statement)
  })
  afterEach(async () => {
    await Promise.all(consumers.map((consumer) => consumer.stop()))
    await Promise.all(pools.map((pool) => pool.end()))
    await test.drop()
  })

  function open(path?: string): pg.Pool {
    const pool = new pg.Pool({ connectionString: withOptions(test.url, path), max: 4 })
    pools.push(pool)
    return pool
  }
  const type = {
    schema: z.object({ note: z.string() }),
    topic: '',
    source: 'shop',
    keyOf: () => 'k',
    subjectOf: () => 's',
  }
  async function start(pool: pg.Pool, errors: string[] = []): Promise<Consumer> {
    const codec = createJsonCodec({ 'shop.Noted': { ...type, topic } })
    const note = (entry: unknown) => errors.push(JSON.stringify(entry))
    const consumer = await startConsumer({
      name: 'shop',
      source: 'shop',
      kafka: fixture.kafka,
      database: createPgDatabase(pool),
      log: { debug() {}, info() {}, warn: note, error: note },
      handler: {
        topics: [topic],
        codec,
        async handle(tx: PgTransaction, messages) {
          for (const { body } of messages)
            await tx.query('INSERT INTO effect (note) VALUES ($1)', [body.note])
          return { outbox: [] }
        },
      },
    })
    consumers.push(consumer)
    return consumer
  }
  async function send(count: number): Promise<void> {
    const codec = createJsonCodec({ 'shop.Noted': { ...type, topic } })
    const records = Array.from({ length: count }, () => {
      sent += 1
      const message = codec.message('shop.Noted', {
        body: { note: `${sent}` },
        cause: randomUUID(),
        time: new Date(),
      })
      return { key: 'k', value: Buffer.from(message.payload ?? []), headers: { ...message.headers } }
    })
    await fixture.send(topic, records as never)
  }
  const notes = async (pool: pg.Pool): Promise<string[]> =>
    (await pool.query<{ note: string }>('SELECT note FROM effect ORDER BY id')).rows.map(({ note }) => note)
  const allSent = (): string[] => Array.from({ length: sent }, (_, nth) => `${nth + 1}`)

  it('does nothing more, says that there is no such table, and its successor goes on where it stood', async () => {
    const errors: string[] = []
    const now = open()
    const old = await start(open(olderPath), errors)
    await send(3)
    await until('the first messages', async () => (await notes(now)).length === 3)

    await migrateMessaging(createPgDatabase(now), { madeIn: 'public' })
    await send(5)
    await until('an error of the old consumer', () => errors.some((entry) => entry.includes('42P01')))
    expect(await notes(now)).to.deep.equal(allSent().slice(0, 3))

    await old.stop()
    await start(now)
    await until('every message', async () => (await notes(now)).length >= sent)
    expect(await notes(now)).to.deep.equal(allSent())
    expect((await now.query('SELECT FROM dead_letter')).rowCount).to.equal(0)
  })

  it('is given its tables back by the SQL of docs/operations/upgrade.md, and its successor takes them over again', async () => {
    const now = open()
    const place = { madeIn: 'public' }
    await migrateMessaging(createPgDatabase(now), place)
    await now.query(`INSERT INTO outbox_slot VALUES ('slot', true)`)
    await now.query(await sqlToGoBack())
    // A second time, and where they were never moved, it finds nothing to do.
    await now.query(await sqlToGoBack())
    await now.query('DROP SCHEMA messaging')
    await now.query(await sqlToGoBack())
    const old = await start(open(olderPath))
    await send(2)
    await until('the messages', async () => (await notes(now)).length === 2)
    await old.stop()
    expect((await now.query('SELECT scanned FROM outbox_slot')).rows).to.deep.equal([{ scanned: false }])
    expect((await now.query('SELECT pubname FROM pg_publication')).rows).to.deep.equal([
      { pubname: 'outbox' },
    ])
    expect(await migrateMessaging(createPgDatabase(now), place)).to.deep.equal([2])
    await start(now)
    await send(2)
    await until('every message', async () => (await notes(now)).length >= sent)
    expect(await notes(now)).to.deep.equal(allSent())
  })

  it('is not started on tables that have been moved, and its successor not on those that have not', async () => {
    const now = open()
    await migrateMessaging(createPgDatabase(now), { madeIn: 'public' })
    const failure = await start(open(olderPath)).catch((error: { code?: unknown }) => error.code)
    expect(failure).to.equal('SCHEMA_MISSING')
    await now.query('DELETE FROM messaging_migration WHERE version > 1')
    expect(await start(now).catch((error: { code?: unknown }) => error.code)).to.equal('SCHEMA_BEHIND')
  })
})

/** Without the role, which is of the manifests. */
async function sqlToGoBack(): Promise<string> {
  const section = await handbookSection('upgrade.md', 'Go back to the version before')
  const [statements = ''] = hereDocuments(section, 'SQL')
  const sql = statements.replace('SET ROLE payment_owner;\n', '')
  expect(sql).to.include('SET SCHEMA public')
  return sql
}
