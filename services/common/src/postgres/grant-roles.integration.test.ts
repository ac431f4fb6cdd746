import { Migration } from '@mikro-orm/migrations'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../testing/database.ts'
import { outcomeOf } from '../testing/statement.ts'
import { createMessagingTables } from './messaging-tables.ts'
import { query } from './query.ts'
import { appendOnly, messagingRights, type Rights } from './rights.ts'

class CreateWallet extends Migration {
  override up(): void {
    for (const statement of createMessagingTables) this.addSql(statement)
    this.addSql('CREATE TABLE wallet (user_id text PRIMARY KEY, balance bigint NOT NULL)')
    this.addSql('CREATE TABLE ledger (user_id text, amount bigint)')
    this.addSql('CREATE TABLE forgotten (anything text)')
    this.addSql(`CREATE FUNCTION forget_all() RETURNS void LANGUAGE sql SECURITY DEFINER
      SET search_path = pg_catalog, public, pg_temp AS 'TRUNCATE ledger'`)
  }
}

const rights: Rights = {
  tables: {
    ...messagingRights.tables,
    wallet: 'SELECT, INSERT, UPDATE (balance), DELETE',
    ledger: appendOnly,
  },
  functions: messagingRights.functions,
}

describe('the lesser roles of a database', () => {
  const forbidden = '42501'
  let test: TestDatabase
  let urls: { readonly service: string; readonly relay: string }

  before(async () => {
    test = await createTestDatabase({ entities: [], migrations: [CreateWallet], rights })
    urls = test.lesserUrls ?? expect.fail('there are no lesser roles')
  })
  after(() => test.drop())

  const append = `INSERT INTO outbox (message_id, topic, key, type, payload, headers)
    VALUES (gen_random_uuid(), 't', 'k', 'T', '', '{}')`

  it('let a service change the rows of its tables, and append to the outbox', async () => {
    for (const sql of [
      `INSERT INTO wallet VALUES ('ada', 1)`,
      `UPDATE wallet SET balance = 2`,
      `SELECT * FROM wallet FOR UPDATE`,
      `DELETE FROM wallet`,
      `INSERT INTO inbox (consumer, message_id) VALUES ('c', gen_random_uuid())`,
      `LOCK TABLE consumer_position IN SHARE ROW EXCLUSIVE MODE`,
      append,
      'SELECT name FROM mikro_orm_migrations',
    ]) {
      expect(await outcomeOf(urls.service, sql), sql).to.equal('done')
    }
  })

  it('prevent a service from changing the schema, tables of the relay and rows that it has appended', async () => {
    for (const sql of [
      'CREATE TABLE mine ()',
      'ALTER TABLE wallet ADD COLUMN mine int',
      'TRUNCATE wallet',
      'DROP PUBLICATION messaging_outbox',
      'CREATE TABLE messaging.mine ()',
      'ALTER TABLE inbox SET SCHEMA public',
      'SELECT * FROM outbox',
      'DELETE FROM outbox',
      'SELECT * FROM parked_outbox',
      'UPDATE outbox_slot SET scanned = true',
      'DELETE FROM mikro_orm_migrations',
    ]) {
      expect(await outcomeOf(urls.service, sql), sql).to.equal(forbidden)
    }
  })

  it('let a relay delete from the outbox, park rows and record its slot, and nothing else', async () => {
    for (const sql of [
      'SELECT * FROM outbox',
      'DELETE FROM outbox WHERE id < 0',
      `INSERT INTO parked_outbox (id, message_id, topic, type, headers, created_at, error)
        VALUES (1, gen_random_uuid(), 't', 'T', '{}', now(), 'e') ON CONFLICT (id) DO NOTHING RETURNING id`,
      `INSERT INTO outbox_slot VALUES ('s', true) ON CONFLICT (slot_name) DO UPDATE SET scanned = EXCLUDED.scanned`,
    ]) {
      expect(await outcomeOf(urls.relay, sql), sql).to.equal('done')
    }
    for (const sql of [
      'SELECT * FROM wallet',
      'SELECT * FROM inbox',
      'SELECT * FROM request',
      'UPDATE outbox SET topic = topic',
      append,
      'DELETE FROM parked_outbox',
      'CREATE TABLE mine ()',
      'CREATE PUBLICATION mine FOR TABLE wallet',
    ]) {
      expect(await outcomeOf(urls.relay, sql), sql).to.equal(forbidden)
    }
  })

  it('may only append if no other right is named, and change no column but the named ones', async () => {
    const insert = `INSERT INTO ledger VALUES ('ada', 1)`
    expect(await outcomeOf(urls.service, insert)).to.equal('done')
    for (const sql of [
      `UPDATE ledger SET amount = 2`,
      `DELETE FROM ledger`,
      `TRUNCATE ledger`,
      `SELECT * FROM ledger FOR UPDATE`,
      `UPDATE wallet SET user_id = 'eve'`,
      `UPDATE inbox SET processed_at = now()`,
      `INSERT INTO inbox (consumer, message_id, processed_at) VALUES ('c', gen_random_uuid(), '2020-01-01')`,
      `DELETE FROM inbox`,
      `DELETE FROM dead_letter`,
      `UPDATE restore SET started_by = 'eve'`,
      'SELECT forget_all()',
    ]) {
      expect(await outcomeOf(urls.service, sql), sql).to.equal(forbidden)
    }
  })

  it('may do nothing with a table that is not in the list, nor with a table that is created later', async () => {
    await asOwner('CREATE TABLE later (anything text)')
    await migrate()
    for (const table of ['forgotten', 'later']) {
      for (const url of [urls.service, urls.relay])
        expect(await outcomeOf(url, `SELECT * FROM ${table}`), table).to.equal(forbidden)
    }
  })

  it('lose at the next migration all rights granted by hand, to them or to PUBLIC', async () => {
    const [service, relay] = [urls.service, urls.relay].map((url) => new URL(url).username)
    for (const grant of [
      `SELECT ON wallet TO ${relay}`,
      'DELETE ON ledger TO PUBLIC',
      `UPDATE (amount) ON ledger TO ${service}`,
      'EXECUTE ON FUNCTION forget_all() TO PUBLIC',
      `CREATE ON SCHEMA public TO ${service}`,
    ])
      await asOwner(`GRANT ${grant}`)
    const given = [
      [urls.relay, 'SELECT * FROM wallet'],
      [urls.relay, 'DELETE FROM ledger'],
      [urls.service, 'UPDATE ledger SET amount = 2'],
      [urls.service, 'SELECT forget_all()'],
      // A table there would be found before a table of messaging with the same name.
      [urls.service, 'CREATE TABLE hiding ()'],
    ] as const
    for (const [url, sql] of given) expect(await outcomeOf(url, sql), sql).to.equal('done')
    await migrate()
    for (const [url, sql] of given) expect(await outcomeOf(url, sql), sql).to.equal(forbidden)
  })

  it('let a service delete ids of its inbox that are a day old, and no younger ones', async () => {
    expect(await outcomeOf(urls.service, `SELECT forget_inbox('c', 86400000, 5000)`)).to.equal('done')
    expect(await outcomeOf(urls.relay, `SELECT forget_inbox('c', 86400000, 5000)`)).to.equal(forbidden)
    for (const wrong of [`86399999, 1`, `0, 1`, `'NaN', 0`, `NULL, 1`, `86400000, 5001`, `86400000, NULL`])
      expect(await outcomeOf(urls.service, `SELECT forget_inbox('c', ${wrong})`), wrong).to.equal('22023')
  })

  const asOwner = (sql: string): Promise<unknown> => query(test.database.em(), sql)

  async function migrate(): Promise<void> {
    const [serviceRole, relayRole] = [urls.service, urls.relay].map((url) => new URL(url).username)
    await test.database.migrate({ serviceRole, relayRole, rights })
  }
})
