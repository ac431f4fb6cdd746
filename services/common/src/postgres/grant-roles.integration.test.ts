import { randomBytes } from 'node:crypto'
import { Migration } from '@mikro-orm/migrations'
import { expect } from 'chai'
import pg from 'pg'
import { createTestDatabase, type TestDatabase } from '../testing/database.ts'
import { createMessagingTables } from './messaging-tables.ts'

class CreateWallet extends Migration {
  override up(): void {
    for (const statement of createMessagingTables) this.addSql(statement)
    this.addSql('CREATE TABLE wallet (user_id text PRIMARY KEY, balance bigint NOT NULL)')
  }
}

describe('the lesser roles of a database', () => {
  const suffix = randomBytes(4).toString('hex')
  const [serviceRole, relayRole] = [`service_${suffix}`, `relay_${suffix}`]
  const forbidden = '42501'
  let test: TestDatabase

  before(async () => {
    test = await createTestDatabase({ entities: [], migrations: [CreateWallet] })
    for (const role of [serviceRole, relayRole]) await asOwner(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`)
    // What somebody once gave is taken away.
    await asOwner(`GRANT SELECT ON wallet TO ${relayRole}`)
    await test.database.migrate({ serviceRole, relayRole })
  })
  after(async () => {
    for (const role of [serviceRole, relayRole]) await asOwner(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    await test.drop()
  })

  const asOwner = (sql: string): Promise<string> => run(test.url, sql)
  const as = (role: string, sql: string): Promise<string> => {
    const url = new URL(test.url)
    url.username = role
    url.password = role
    return run(url.href, sql)
  }
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
      expect(await as(serviceRole, sql), sql).to.equal('done')
    }
  })

  it("keep a service from the schema, from what is the relay's and from what it has appended", async () => {
    for (const sql of [
      'CREATE TABLE mine ()',
      'ALTER TABLE wallet ADD COLUMN mine int',
      'TRUNCATE wallet',
      'DROP PUBLICATION outbox',
      'SELECT * FROM outbox',
      'DELETE FROM outbox',
      'SELECT * FROM parked_outbox',
      'UPDATE outbox_slot SET scanned = true',
      'DELETE FROM mikro_orm_migrations',
    ]) {
      expect(await as(serviceRole, sql), sql).to.equal(forbidden)
    }
  })

  it('let a relay delete from the outbox, park rows and note its slot, and nothing else', async () => {
    for (const sql of [
      'SELECT * FROM outbox',
      'DELETE FROM outbox WHERE id < 0',
      `INSERT INTO parked_outbox (id, message_id, topic, type, headers, created_at, error)
        VALUES (1, gen_random_uuid(), 't', 'T', '{}', now(), 'e') ON CONFLICT (id) DO NOTHING RETURNING id`,
      `INSERT INTO outbox_slot VALUES ('s', true) ON CONFLICT (slot_name) DO UPDATE SET scanned = EXCLUDED.scanned`,
    ]) {
      expect(await as(relayRole, sql), sql).to.equal('done')
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
      expect(await as(relayRole, sql), sql).to.equal(forbidden)
    }
  })
})

/** 'done', or PostgreSQL's code of the error. */
async function run(url: string, sql: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`BEGIN; ${sql}; COMMIT`)
    return 'done'
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error.code ?? 'no code'
    throw error
  } finally {
    await client.end()
  }
}
