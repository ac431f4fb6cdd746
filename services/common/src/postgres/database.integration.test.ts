import { isAway, isTransient } from '@boxoffice/messaging/sql'
import { Migration } from '@mikro-orm/migrations'
import { defineEntity, p } from '@mikro-orm/postgresql'
import { expect } from 'chai'
import pg from 'pg'
import { createLog } from '../telemetry/log.ts'
import { createTestDatabase, type TestDatabase } from '../testing/database.ts'
import { withOptions } from '../testing/with-options.ts'
import { type Database, openDatabase } from './database.ts'
import { query } from './query.ts'

const WalletSchema = defineEntity({
  name: 'Wallet',
  tableName: 'wallet',
  properties: { userId: p.string().primary(), balance: p.bigint('bigint') },
})

class CreateWallet extends Migration {
  override up(): void {
    this.addSql(
      'CREATE TABLE wallet (user_id text PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0))',
    )
  }
}

class FillWallet extends Migration {
  override up(): void {
    this.addSql('SELECT pg_sleep(0.2)')
    this.addSql("INSERT INTO wallet VALUES ('first', 1)")
  }
}

const schema = { entities: [WalletSchema], migrations: [CreateWallet, FillWallet] }

/** The migrations of messaging, which are applied as well. */
const ofMessaging = ['messaging 1', 'messaging 2']

describe('a database', () => {
  let test: TestDatabase
  let database: Database
  before(async () => {
    test = await createTestDatabase({ ...schema, poolSize: 3, timeouts: { lockMs: 200, connectMs: 1_000 } })
    database = test.database
  })
  after(() => test.drop())

  const insert = (user: string) => (em: Parameters<Parameters<Database['transaction']>[0]>[0]) =>
    query(em, 'INSERT INTO wallet VALUES ($1, 1)', [user])
  const balanceOf = async (user: string): Promise<bigint | undefined> =>
    (await database.em().findOne(WalletSchema, { userId: user }))?.balance
  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => expect.fail('it did not fail'),
      (error: unknown) => error,
    )

  it('commits entities and plain statements together', async () => {
    await database.transaction(async (em) => {
      em.create(WalletSchema, { userId: 'alice', balance: 9_007_199_254_740_993n })
      await insert('bob')(em)
    })
    expect(await balanceOf('alice')).to.equal(9_007_199_254_740_993n)
    expect(await balanceOf('bob')).to.equal(1n)
  })

  it('rolls back all of a transaction that throws, and passes the error on', async () => {
    const refusal = new Error('no')
    const failure = await failureOf(
      database.transaction(async (em) => {
        await insert('carol')(em)
        throw refusal
      }),
    )
    expect(failure).to.equal(refusal)
    expect(await balanceOf('carol')).to.equal(undefined)
  })

  it('does not report a commit that the server turned into a rollback', async () => {
    const failure = await failureOf(
      database.transaction(async (em) => {
        await insert('dave')(em)
        await query(em, 'SELECT 1 / 0').catch(() => undefined)
      }),
    )
    expect(failure).to.have.property('code', 'COMMIT_REFUSED')
    expect(await balanceOf('dave')).to.equal(undefined)
  })

  it('undoes only a nested transaction that throws', async () => {
    await database.transaction(async (em) => {
      await insert('erin')(em)
      await failureOf(
        em.transactional(async (nested) => {
          await insert('frank')(nested as typeof em)
          throw new Error('no')
        }),
      )
    })
    expect(await balanceOf('erin')).to.equal(1n)
    expect(await balanceOf('frank')).to.equal(undefined)
  })

  it('does not call a duplicate row transient', async () => {
    expect(isTransient(await failureOf(database.transaction(insert('first'))))).to.equal(false)
  })

  it('calls a lock timeout transient', async () => {
    const lock = "SELECT 1 FROM wallet WHERE user_id = 'first' FOR UPDATE"
    await database.transaction(async (em) => {
      await query(em, lock)
      expect(isTransient(await failureOf(database.transaction((other) => query(other, lock))))).to.equal(true)
    })
  })

  it('calls a serialization failure transient', async () => {
    const add = "UPDATE wallet SET balance = balance + 1 WHERE user_id = 'first'"
    const failure = await failureOf(
      database.transaction(
        async (em) => {
          await query(em, 'SELECT 1')
          await database.transaction((other) => query(other, add))
          await query(em, add)
        },
        { isolationLevel: 'repeatable read' },
      ),
    )
    expect(isTransient(failure)).to.equal(true)
  })

  it('keeps its whole pool when every connection is killed in the middle of a transaction', async () => {
    const others = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`
    for (let round = 0; round < 3; round += 1) {
      const own = 'SELECT pg_terminate_backend(pg_backend_pid())'
      const failures = await Promise.all(
        Array.from({ length: 6 }, () => failureOf(database.transaction((em) => query(em, own)))),
      )
      expect(failures.map(isTransient)).to.deep.equal(failures.map(() => true))
      await database.transaction(async (em) => {
        await query(em, others)
      })
    }
    await Promise.all(Array.from({ length: 12 }, () => database.transaction((em) => query(em, 'SELECT 1'))))
  })

  it('calls a database away that refuses new sessions, for a read and for a transaction', async () => {
    const admin = new pg.Client(withOptions(process.env.TEST_POSTGRES_URL ?? ''))
    await admin.connect()
    const { pathname } = new URL(test.url)
    const name = pathname.slice(1)
    try {
      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
      await admin.query('SELECT pg_terminate_backend(pid, 10_000) FROM pg_stat_activity WHERE datname = $1', [
        name,
      ])
      for (let attempt = 0; attempt < 4; attempt += 1) {
        expect(isAway(await failureOf(balanceOf('alice')))).to.equal(true)
        expect(isAway(await failureOf(database.transaction(insert('carol'))))).to.equal(true)
      }
    } finally {
      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
      await admin.end()
    }
    expect(await balanceOf('alice')).to.equal(9_007_199_254_740_993n)
  })

  it('calls an exhausted pool transient', async () => {
    const blocked = Array.from({ length: 3 }, () =>
      database.transaction((em) => query(em, 'SELECT pg_sleep(1.5)')),
    )
    expect(isTransient(await failureOf(database.transaction((em) => query(em, 'SELECT 1'))))).to.equal(true)
    await Promise.all(blocked)
  })

  it('bounds locks, statements and idle transactions on every connection', async () => {
    const [row] = await query(
      database.em(),
      `SELECT current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement,
        current_setting('idle_in_transaction_session_timeout') AS idle,
        current_setting('tcp_keepalives_idle') AS keepalive`,
    )
    expect(row).to.deep.equal({ lock: '200ms', statement: '15s', idle: '10s', keepalive: '10' })
  })

  it('applies each migration once when several replicas start together', async () => {
    const fresh = await createTestDatabase({ entities: [], migrations: [] })
    const log = createLog({ service: 'test', level: 'error' })
    const replicas = await Promise.all(
      [1, 2, 3].map(() =>
        openDatabase({ ...schema, url: fresh.url, poolSize: 3, applicationName: 'replica', log }),
      ),
    )
    try {
      const applied = await Promise.all(replicas.map((replica) => replica.migrate()))
      expect(applied.flat()).to.deep.equal(['CreateWallet', 'FillWallet', ...ofMessaging])
    } finally {
      await Promise.all(replicas.map((replica) => replica.close()))
      await fresh.drop()
    }
  })

  it('sets no time limit for a migration', async () => {
    const fresh = await createTestDatabase({ entities: [], migrations: [] })
    const hasty = await openDatabase({
      ...schema,
      url: fresh.url,
      poolSize: 2,
      applicationName: 'hasty',
      log: createLog({ service: 'test', level: 'silent' }),
      timeouts: { statementMs: 50, answerMs: 100 },
    })
    try {
      expect(await hasty.migrate()).to.deep.equal(['CreateWallet', 'FillWallet', ...ofMessaging])
    } finally {
      await hasty.close()
      await fresh.drop()
    }
  })

  it('opens while the server is away, and reports that it is not ready', async () => {
    const away = await openDatabase({
      ...schema,
      url: 'postgres://nobody:secret@127.0.0.1:1/none',
      poolSize: 2,
      applicationName: 'away',
      log: createLog({ service: 'test', level: 'silent' }),
    })
    expect(await away.ready()).to.equal(false)
    expect(isTransient(await failureOf(away.transaction(insert('x'))))).to.equal(true)
    await away.close()
  })
})

describe('a test database', () => {
  it('fails a test that leaves a connection open', async () => {
    const test = await createTestDatabase({ entities: [], migrations: [] })
    const begun = Promise.withResolvers<void>()
    const over = Promise.withResolvers<void>()
    const leaked = test.database
      .transaction(async (em) => {
        await query(em, 'SELECT 1')
        begun.resolve()
        await over.promise
      })
      .catch(() => undefined)
    await begun.promise
    const failure = await test.drop().catch((error: unknown) => error)
    over.resolve()
    await leaked
    expect(failure).to.match(/left behind: test_\w+ \(idle in transaction\)/)
  })
})
