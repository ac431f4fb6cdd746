import { expect } from 'chai'
import type pg from 'pg'
import { createTestDatabase, type TestDatabase } from '../testing/database.ts'
import { CheckedClient } from './client.ts'
import { clientOf } from './connection.ts'
import { markWrite, prepare } from './prepared.ts'
import { write as writeIn } from './query.ts'

const insert = 'INSERT INTO seat (name) VALUES ($1)'
const rename = 'UPDATE seat SET name = $2 WHERE name = $1'
const select = 'SELECT name FROM seat WHERE name > $1 ORDER BY name'
for (const text of [insert, rename, select]) prepare(text)

describe('a connection to PostgreSQL', () => {
  let test: TestDatabase
  let client: pg.Client
  let roundTrips: number

  before(async () => {
    test = await createTestDatabase({ entities: [], migrations: [] })
  })
  after(() => test.drop())
  beforeEach(async () => {
    client = new (clientOf({ url: test.url }, CheckedClient))()
    await client.connect()
    await client.query('CREATE TABLE seat (name text PRIMARY KEY)')
    roundTrips = 0
    client.connection.on('readyForQuery', () => {
      roundTrips += 1
    })
  })
  afterEach(async () => {
    await client.query('ROLLBACK; DROP TABLE seat')
    await client.end()
  })

  it('sends BEGIN with the first statement, and writes with the next one or with COMMIT', async () => {
    await client.query('begin')
    expect(await seats()).to.deep.equal([])
    expect(roundTrips).to.equal(1)
    await write(insert, ['A1'])
    await write(rename, ['A1', 'A2'])
    expect(await seats()).to.deep.equal(['A2'])
    expect(roundTrips).to.equal(2)
    await write(insert, ['A3'])
    expect((await client.query('commit')).command).to.equal('COMMIT')
    expect(roundTrips).to.equal(3)
    expect(await seats()).to.deep.equal(['A2', 'A3'])
  })

  it('keeps a bounded number of writes in memory, and sends them in their order', async () => {
    const names = Array.from({ length: 1_000 }, (_, nth) => String(nth).padStart(3, '0'))
    await inTransaction(async () => {
      for (const name of names) await write(insert, [name])
    })
    expect(roundTrips).to.be.within(50, 100)
    expect(await seats()).to.deep.equal(names)
  })

  it('needs no server for a transaction without statements', async () => {
    for (const end of ['commit', 'rollback']) {
      await client.query('begin')
      expect((await client.query(end)).command).to.equal(end.toUpperCase())
    }
    expect(roundTrips).to.equal(0)
  })

  it('sends nothing of a transaction that is rolled back before it has begun', async () => {
    await client.query('begin')
    await write(insert, ['A1'])
    await client.query('rollback')
    expect(roundTrips).to.equal(0)
    expect(await seats()).to.deep.equal([])
  })

  it('runs a write outside a transaction at once', async () => {
    await write(insert, ['A1'])
    expect(roundTrips).to.equal(1)
    expect(await failureOf(write(insert, ['A1']))).to.have.property('code', '23505')
  })

  it('runs no statement whose BEGIN has failed', async () => {
    await client.query('begin')
    await client.query('commit')
    await inTransaction(() => seats())
    // The server does not know the prepared BEGIN any more.
    await client.query('DEALLOCATE ALL')
    await client.query('begin')
    const failure = await failureOf(write(insert, ['A1']).then(() => client.query('commit')))
    expect(failure).to.match(/prepared statement "begin" does not exist/)
    const { rows } = await client.query('SELECT name FROM seat')
    expect(rows).to.deep.equal([])
  })

  it('commits nothing when a write that travels with COMMIT fails, and marks the error', async () => {
    const failure = await failureOf(
      inTransaction(async () => {
        await write(insert, ['A1'])
        await write(insert, ['A1'])
      }),
    )
    expect(failure).to.include({ code: '23505', ofEarlierWrite: true })
    await client.query('rollback')
    expect(await seats()).to.deep.equal([])
  })

  it('marks no error of the statement that a write travels with', async () => {
    const divide = 'SELECT 1 / $1::int AS quotient'
    prepare(divide)
    const failure = await failureOf(
      inTransaction(async () => {
        await write(insert, ['A1'])
        await client.query(divide, [0])
      }),
    )
    expect(failure).to.have.property('code', '22012')
    expect(failure).not.to.have.property('ofEarlierWrite')
    await client.query('rollback')
  })

  it('goes on after a failure with the statements that the server has skipped', async () => {
    const wrong = 'INSERT INTO stall (name) VALUES ($1)'
    prepare(wrong)
    const failed = inTransaction(async () => {
      await write(wrong, ['A1'])
      await write(insert, ['A1'])
      await write(rename, ['A1', 'A2'])
    })
    expect(await failureOf(failed)).to.include({ code: '42P01', ofEarlierWrite: true })
    await client.query('rollback')
    await inTransaction(async () => {
      await write(insert, ['A1'])
      await write(rename, ['A1', 'A2'])
    })
    expect(await seats()).to.deep.equal(['A2'])
  })

  it('sends nothing behind a write whose value cannot be sent', async () => {
    const circle: unknown[] = []
    circle.push({ circle })
    const failed = inTransaction(async () => {
      await write(insert, ['A1'])
      await write(insert, [{ toPostgres: () => JSON.stringify(circle[0]) }])
    })
    expect(await failureOf(failed)).to.match(/circular/)
    await client.query('rollback')
    expect(await seats()).to.deep.equal([])
    await inTransaction(() => write(insert, ['A2']))
    expect(await seats(), 'the statement can be used again').to.deep.equal(['A2'])
  })

  it('sends a statement at once that is no write, whatever else uses its text', async () => {
    await inTransaction(() => write(insert, ['A1']))
    await client.query('begin')
    const failure = await failureOf(client.query(insert, ['A1']))
    expect(failure).to.have.property('code', '23505')
    expect(failure).not.to.have.property('ofEarlierWrite')
    await client.query('rollback')
  })

  it('keeps a write of an EntityManager until COMMIT', async () => {
    const failure = await failureOf(
      test.database.transaction(async (em) => {
        await writeIn(em, insert, ['A1'])
        await writeIn(em, insert, ['A1'])
        roundTrips += 1
      }),
    )
    expect(failure).to.include({ code: '23505', ofEarlierWrite: true })
    expect(roundTrips, 'the function has returned').to.equal(1)
  })

  it('rolls back whatever has failed in front of the rollback', async () => {
    await client.query('begin')
    await write(insert, ['A1'])
    await write(insert, [{ toPostgres: () => expect.fail('no value') }])
    const alone = failureOf(client.query('SELECT 1'))
    const rolledBack = client.query('rollback')
    expect(await alone).to.match(/no value/)
    await rolledBack
    await inTransaction(() => seats())
    expect(await seats()).to.deep.equal([])
  })

  it('undoes a nested transaction whose writes fail, and goes on with the outer one', async () => {
    await client.query('begin')
    await write(insert, ['A1'])
    await client.query('savepoint "one"')
    await write(insert, ['A1'])
    await client.query('rollback to "one"')
    expect((await client.query('commit')).command).to.equal('COMMIT')
    expect(await seats()).to.deep.equal(['A1'])
  })

  it('opens no cursor in front of which a statement waits', async () => {
    await client.query('begin')
    expect(() => client.query({ submit: () => {} })).to.throw(/a cursor cannot be opened here/)
    await client.query('rollback')
    expect(roundTrips, 'nothing was sent').to.equal(0)
  })

  it('sends a statement that cannot be part of a batch behind those that wait, and never without its BEGIN', async () => {
    await inTransaction(async () => {
      await write(insert, ['A1'])
      await client.query(`SAVEPOINT one; UPDATE seat SET name = 'A2'`)
    })
    expect(await seats()).to.deep.equal(['A2'])
    await client.query('DEALLOCATE ALL')
    await client.query('begin')
    const together = await Promise.allSettled([
      client.query(`INSERT INTO seat VALUES ('A3'); SELECT 1`),
      write(insert, ['A4']),
      client.query(select, ['']),
    ])
    expect(together.map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled', 'rejected'])
    await client.query('rollback')
    const { rows } = await client.query('SELECT name FROM seat')
    expect(rows).to.deep.equal([{ name: 'A2' }])
  })

  /** Runs a statement as `write` of an EntityManager does. */
  function write(text: string, values: unknown[]): Promise<pg.QueryResult> {
    markWrite(values)
    return client.query(text, values)
  }

  async function seats(): Promise<string[]> {
    const { rows } = await client.query(select, [''])
    return rows.map(({ name }) => name)
  }

  async function inTransaction(work: () => Promise<unknown>): Promise<void> {
    await client.query('begin')
    await work()
    await client.query('commit')
  }
})

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  )
}
