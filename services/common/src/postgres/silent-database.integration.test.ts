import { isAway } from '@boxoffice/messaging/sql'
import { expect } from 'chai'
import { TcpProxy } from '../../../../test/faults/tcp-proxy.ts'
import { createLog } from '../telemetry/log.ts'
import { createTestDatabase, type TestDatabase } from '../testing/database.ts'
import { CheckedClient } from './client.ts'
import { type Database, openDatabase } from './database.ts'
import { query } from './query.ts'

const answerMs = 500

describe('a database that stops answering', () => {
  let test: TestDatabase
  let proxy: TcpProxy
  let database: Database
  before(async () => {
    test = await createTestDatabase({ entities: [], migrations: [] })
    await query(test.database.em(), 'CREATE TABLE seat (number int)')
    const url = new URL(test.url)
    proxy = await TcpProxy.start(Number(url.port))
    url.hostname = '127.0.0.1'
    url.port = String(proxy.port)
    database = await openDatabase({
      url: url.href,
      entities: [],
      migrations: [],
      poolSize: 2,
      applicationName: 'silent',
      log: createLog({ service: 'test', level: 'silent' }),
      timeouts: { connectMs: 1_000, answerMs },
    })
  })
  after(async () => {
    await proxy.close()
    await database.close()
    await test.drop()
  })
  afterEach(() => proxy.heal())

  const take = (number: number, beforeCommit = () => {}) =>
    database.transaction(async (em) => {
      await query(em, 'INSERT INTO seat VALUES ($1)', [number])
      beforeCommit()
    })
  /** The ids of the server processes that the pool is connected to. */
  const connections = (): Promise<number[]> =>
    Promise.all(
      [1, 2].map(() =>
        database.transaction(async (em) => {
          const [row] = await query<{ pid: number }>(em, 'SELECT pg_backend_pid() AS pid, pg_sleep(0.05)')
          return row?.pid ?? 0
        }),
      ),
    )
  const taken = async (): Promise<number[]> =>
    (await query<{ number: number }>(test.database.em(), 'SELECT number FROM seat ORDER BY 1')).map(
      ({ number }) => number,
    )
  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => expect.fail('it did not fail'),
      (error: unknown) => error,
    )

  it('fails waiting statements like a database that is away, and works as before once it is back', async () => {
    const before = await connections()
    proxy.hold('to-server', 'to-client')
    const begunAt = performance.now()
    const failures = await Promise.all([failureOf(take(3)), failureOf(take(4))])
    expect(performance.now() - begunAt).to.be.within(answerMs * 0.9, 5_000)
    expect(failures.map(isAway)).to.deep.equal([true, true])
    expect(await database.ready()).to.equal(false)

    proxy.heal()
    expect(await connections()).not.to.include.oneOf(before)
    await take(5)
    expect(await taken()).to.deep.equal([5])
  })

  it('reports the outcome of a commit as unknown if its answer is lost', async () => {
    const failure = await failureOf(take(7, () => proxy.hold('to-client')))
    expect(failure).to.include({ name: 'NoAnswerError', code: 'NO_ANSWER' })
    expect(isAway(failure)).to.equal(true)
    proxy.heal()
    expect(await taken()).to.include(7)
  })

  it('reads first the answers that came while its process was blocked', async () => {
    const client = new CheckedClient({ connectionString: test.url, answerTimeoutMillis: answerMs })
    client.on('error', () => undefined)
    await client.connect()
    try {
      const answer = client.query('SELECT 1 AS one')
      const until = performance.now() + answerMs * 2
      while (performance.now() < until);
      expect((await answer).rows).to.deep.equal([{ one: 1 }])
    } finally {
      await client.end()
    }
  })
})
