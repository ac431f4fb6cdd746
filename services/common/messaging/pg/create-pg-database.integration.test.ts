import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { withOptions } from '@boxoffice/common/testing/with-options.ts'
import { expect } from 'chai'
import pg from 'pg'
import { appendToOutbox, migrateMessaging, type OutboxMessage, type Sql, type SqlDatabase } from '../index.ts'
import { isTransient } from '../sql/errors.ts'
import { isUnconnected } from '../sql/unconnected.ts'
import { createPgDatabase, type PgTransaction, sqlOf } from './index.ts'

const poolSize = 3

describe('messaging on a pool of pg', () => {
  let test: TestDatabase
  let pool: pg.Pool
  let database: SqlDatabase<PgTransaction>

  before(async () => {
    test = await createTestDatabase({ entities: [], migrations: [] })
    pool = new pg.Pool({
      connectionString: withOptions(test.url),
      max: poolSize,
      connectionTimeoutMillis: 5_000,
    })
    pool.on('error', () => undefined)
    database = createPgDatabase(pool, { lockMs: 200 })
    await migrateMessaging(database)
    await pool.query('CREATE TABLE thing (name text PRIMARY KEY)')
  })
  after(async () => {
    await pool.end()
    await test.drop()
  })

  const insert = (sql: Sql, name: string) => sql.query('INSERT INTO thing (name) VALUES ($1)', [name])
  const has = async (name: string) =>
    (await pool.query('SELECT FROM thing WHERE name = $1', [name])).rowCount === 1

  it('commits what a transaction did, and rolls back one that throws', async () => {
    expect(await database.transaction((tx) => insert(tx, 'kept').then(() => 'done'))).to.equal('done')
    const failure = await failureOf(
      database.transaction(async (tx) => {
        await insert(tx, 'gone')
        throw new Error('no')
      }),
    )
    expect(failure.message).to.equal('no')
    expect([await has('kept'), await has('gone')]).to.deep.equal([true, false])
  })

  it('calls a commit refused that the server has turned into a rollback', async () => {
    const failure = await failureOf(
      database.transaction(async (tx) => {
        await insert(tx, 'swallowed')
        await tx.query('SELECT 1/0').catch(() => undefined)
      }),
    )
    expect(failure).to.have.property('code', 'COMMIT_REFUSED')
    expect(await has('swallowed')).to.equal(false)
  })

  it('lets nothing be written behind the commit by what the function left running', async () => {
    let late: Promise<unknown> = Promise.resolve()
    await database.transaction(async (tx) => {
      await insert(tx, 'in time')
      late = new Promise((resolve) => {
        setImmediate(() => resolve(failureOf(insert(tx, 'late'))))
      })
    })
    expect(((await late) as Error).message).to.include('this transaction has ended')
    expect([await has('in time'), await has('late')]).to.deep.equal([true, false])
  })

  it('has a level of isolation, a mode and bounds of its own in each transaction, and leaves the connection as it was', async () => {
    const settings = await database.transaction(
      async (tx) => [
        ...(await tx.query<{ transaction_isolation: string }>('SHOW transaction_isolation')),
        ...(await tx.query('SHOW transaction_read_only')),
        ...(await tx.query('SHOW lock_timeout')),
        ...(await tx.query('SHOW idle_in_transaction_session_timeout')),
      ],
      { isolationLevel: 'serializable', readOnly: true },
    )
    expect(Object.assign({}, ...settings)).to.deep.equal({
      transaction_isolation: 'serializable',
      transaction_read_only: 'on',
      lock_timeout: '200ms',
      idle_in_transaction_session_timeout: '10s',
    })
    for (const row of (
      await Promise.all(Array.from({ length: poolSize }, () => pool.query('SHOW lock_timeout')))
    ).flatMap(({ rows }) => rows))
      expect(row).not.to.deep.equal({ lock_timeout: '200ms' })
  })

  it('keeps its whole pool when every connection is killed in the middle of a transaction', async () => {
    const failures = await Promise.all(
      Array.from({ length: poolSize }, () =>
        failureOf(
          database.transaction(async (tx) => {
            await tx.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined)
            await tx.query('SELECT 1')
          }),
        ),
      ),
    )
    expect(failures.map(isTransient)).to.deep.equal([true, true, true])
    await Promise.all(
      Array.from({ length: poolSize }, (_, nth) => database.transaction((tx) => insert(tx, `after ${nth}`))),
    )
  })

  it('calls it transient where no connection can be made', async () => {
    const nowhere = new pg.Pool({ connectionString: 'postgres://nobody:wrong@127.0.0.1:1/none' })
    expect(isTransient(await failureOf(createPgDatabase(nowhere).transaction(async () => 1)))).to.equal(true)
    await nowhere.end()
  })

  it('says that the pool gives no connection in time where all are in use, and lets those go on', async () => {
    const [borrowed, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let begun = 0
    const long = Array.from({ length: poolSize }, (_, nth) =>
      database.transaction(async (tx) => {
        if (++begun === poolSize) borrowed.resolve()
        await done.promise
        await insert(tx, `long ${nth}`)
      }),
    )
    await borrowed.promise
    const failure = await failureOf(
      createPgDatabase(pool, { connectMs: 100 }).transaction((tx) => insert(tx, 'short')),
    )
    done.resolve()
    await Promise.all(long)
    expect(failure).to.have.property('code', 'NO_CONNECTION')
    expect(failure.message).to.equal('no connection of the pool within 100 ms')
    expect([isTransient(failure), isUnconnected(failure)]).to.deep.equal([true, true])
    expect([await has('long 0'), await has('short')]).to.deep.equal([true, false])
  })

  it('takes no wait without a bound', () => {
    for (const ms of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => createPgDatabase(pool, { statementMs: ms })).to.throw(RangeError, 'statementMs is')
  })

  it('lets nothing be written by a transaction that has ended', async () => {
    const ended = await database.transaction(async (tx) => tx)
    expect((await failureOf(insert(ended, 'late'))).message).to.include('this transaction has ended')
  })

  it('appends to the outbox in a transaction only: of a client without one, or of a pool, it says what to do', async () => {
    const client = await pool.connect()
    try {
      const failure = await failureOf(appendToOutbox(sqlOf(client), [messageOf()]))
      expect(failure).to.have.property('code', 'NO_TRANSACTION')
      expect(failure.message).to.include('BEGIN first')
      await client.query('BEGIN')
      await appendToOutbox(sqlOf(client), [messageOf()])
      await client.query('COMMIT')
    } finally {
      client.release()
    }
    const misuse = await failureOf(appendToOutbox(pool as unknown as Sql, [messageOf()]))
    expect(misuse.message).to.include('Give it the transaction that messaging hands out')
    const { rows } = await pool.query('SELECT topic, headers FROM outbox')
    expect(rows).to.deep.equal([{ topic: 'things', headers: { a: 'b' } }])
  })
})

function messageOf(): OutboxMessage {
  return {
    ...{
      id: randomUUID(),
      topic: 'things',
      key: Buffer.from('k'),
      type: 'thing',
      payload: Buffer.from('{}'),
    },
    headers: { a: 'b' },
  }
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}
