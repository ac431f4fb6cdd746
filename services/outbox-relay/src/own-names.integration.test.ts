import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { outboxSql } from './outbox-sql.ts'
import { countRows } from './testing/outbox-database.ts'
import { createRelayFixture, type RelayFixture } from './testing/relay-fixture.ts'
import type { RelayProcess } from './testing/relay-process.ts'
import { waitFor } from './testing/wait-for.ts'

const names = { schema: 'shop', table: 'Messages', publication: 'shop_messages' }
const table = 'shop."Messages"'

describe("an outbox with an operator's names", () => {
  let fixture: RelayFixture
  let relay: RelayProcess
  let role: string

  beforeEach(async () => {
    fixture = await createRelayFixture()
    role = `${fixture.database.name}_relay`
    await fixture.database.pool.query(outboxSql(names, role, 1))
    await fixture.database.pool.query(`ALTER ROLE ${role} PASSWORD '${role}'`)
    const url = new URL(fixture.database.url)
    url.username = role
    url.password = role
    relay = fixture.start({
      DATABASE_URL: url.href,
      OUTBOX_SCHEMA: names.schema,
      OUTBOX_TABLE: names.table,
      OUTBOX_PUBLICATION: names.publication,
      OBSERVE_INTERVAL_MS: '200',
      SCAN_INTERVAL_MS: '100',
    })
    await relay.saw('streaming')
  })
  afterEach(async () => {
    await relay?.end('SIGKILL')
    await fixture?.database.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    await fixture?.dispose()
  })

  it('is published by a relay that has the rights of the printed SQL and no others, and no other outbox is', async () => {
    await fixture.insertOne('of another outbox')
    await insert({ topic: fixture.topic.name, payload: '{"order":1}' })
    await fixture.topic.received(1)
    await waitFor('an empty outbox', async () => (await countRows(fixture.database.pool, table)) === 0)
    expect(fixture.values()).to.deep.equal(['{"order":1}'])
    expect(await countRows(fixture.database.pool)).to.equal(1)
    expect(await relay.metric('outbox_relay_active')).to.equal(1)
  })

  it('has its refused messages parked beside it', async () => {
    await insert({ topic: 'no topic has this name', payload: '{}' })
    await waitFor(
      'a parked message',
      async () => (await countRows(fixture.database.pool, 'shop."parked_Messages"')) === 1,
    )
    expect(await countRows(fixture.database.pool, 'parked_outbox')).to.equal(0)
  })

  it('is read as a table while its publication is missing', async () => {
    await fixture.database.pool.query(`DROP PUBLICATION ${names.publication}`)
    await waitFor('the obstacle', () =>
      relay.logged.some((line) => line.obstacle === 'publication-missing' && line.table === names.table),
    )
    await insert({ topic: fixture.topic.name, payload: 'scanned' })
    await fixture.topic.received(1)
  })

  it('says so when the role may not use its schema', async () => {
    await fixture.database.pool.query(`REVOKE USAGE ON SCHEMA shop FROM ${role}`)
    await waitFor('the obstacle', () =>
      relay.logged.some(
        (line) => line.obstacle === 'table-rights' && String(line.detail).includes('USAGE on schema shop'),
      ),
    )
  })

  async function insert({ topic, payload }: { topic: string; payload: string }): Promise<void> {
    await fixture.database.pool.query(
      `INSERT INTO ${table} (message_id, topic, key, type, payload, headers)
       VALUES ($1, $2, 'order-1', 'OrderPlaced', convert_to($3, 'UTF8'), '{"content-type": "application/json"}')`,
      [randomUUID(), topic, payload],
    )
  }
})
