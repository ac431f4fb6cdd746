import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { withOptions } from '@boxoffice/common/testing/with-options.ts'
import { expect } from 'chai'
import pg from 'pg'
import { TcpProxy } from '../../../../test/faults/tcp-proxy.ts'
import type { SqlDatabase } from '../index.ts'
import { isAway } from '../sql/errors.ts'
import { createPgDatabase, type PgTransaction } from './index.ts'

const poolSize = 2
const answerMs = 500
const connectMs = 700

describe('messaging on a pool of pg whose server falls silent', () => {
  let test: TestDatabase
  let proxy: TcpProxy
  let pool: pg.Pool
  let database: SqlDatabase<PgTransaction>
  before(async () => {
    test = await createTestDatabase({ entities: [], migrations: [] })
    const url = new URL(withOptions(test.url))
    proxy = await TcpProxy.start(Number(url.port))
    url.hostname = '127.0.0.1'
    url.port = String(proxy.port)
    pool = new pg.Pool({ connectionString: url.href, max: poolSize, connectionTimeoutMillis: connectMs * 2 })
    pool.on('error', () => undefined)
    await pool.query('CREATE TABLE seat (number int)')
    database = createPgDatabase(pool, { answerMs, connectMs })
  })
  after(async () => {
    await proxy.close()
    await pool.end()
    await test.drop()
  })
  afterEach(() => proxy.heal())

  const silence = () => proxy.hold('to-server', 'to-client')
  const silentFrom = (work: (tx: PgTransaction) => Promise<unknown>) =>
    failureOf(
      database.transaction(async (tx) => {
        await tx.query('INSERT INTO seat VALUES (0)')
        silence()
        await work(tx)
      }),
    )
  const asks: Readonly<Record<string, () => Promise<unknown>>> = {
    'a statement of the transaction': () => silentFrom((tx) => tx.query('SELECT 1')),
    'a statement that a handler gives to the client': () =>
      silentFrom(({ client }) => client.query('SELECT 1')),
    COMMIT: () => silentFrom(async () => undefined),
    ROLLBACK: () =>
      silentFrom(async () => {
        throw new Error('no')
      }),
    'BEGIN on a connection that was idle': async () => {
      await database.transaction((tx) => tx.query('SELECT 1'))
      silence()
      return await failureOf(database.transaction(async () => 1))
    },
  }

  for (const [what, ask] of Object.entries(asks))
    it(`ends the wait for the answer to ${what}, and the pool is as good as new once the server is back`, async () => {
      const begunAt = performance.now()
      const failure = await ask()
      expect(performance.now() - begunAt).to.be.within(answerMs * 0.9, answerMs * 6)
      if (what === 'ROLLBACK') expect(failure).to.have.property('message', 'no')
      else {
        expect(failure).to.have.property('code', 'NO_ANSWER')
        expect(isAway(failure)).to.equal(true)
      }
      proxy.heal()
      await Promise.all(
        Array.from({ length: poolSize * 2 }, () => database.transaction((tx) => tx.query('SELECT 1'))),
      )
      expect(pool.idleCount).to.equal(poolSize)
    })

  it('says so where no connection can be made in time, and gives one that comes late back to the pool', async () => {
    const fresh = new pg.Pool({ ...pool.options, connectionTimeoutMillis: 0 })
    fresh.on('error', () => undefined)
    try {
      silence()
      const failure = await failureOf(createPgDatabase(fresh, { connectMs }).transaction(async () => 1))
      expect(failure).to.have.property('code', 'NO_CONNECTION')
      expect(isAway(failure)).to.equal(true)
      const given = new Promise((resolve) => fresh.once('release', resolve))
      proxy.heal()
      await given
      expect(fresh.idleCount).to.equal(1)
    } finally {
      await fresh.end()
    }
  })

  it('leaves what a service asks of its pool beside messaging as it was', async () => {
    await database.transaction((tx) => tx.query('SELECT 1'))
    const client = await pool.connect()
    try {
      expect(Object.hasOwn(client, 'query')).to.equal(false)
      await client.query(`SELECT pg_sleep(${(answerMs * 1.5) / 1_000})`)
    } finally {
      client.release()
    }
  })
})

async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}
