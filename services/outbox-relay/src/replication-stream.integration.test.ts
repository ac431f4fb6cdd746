import { expect } from 'chai'
import pg from 'pg'
import { TcpProxy } from '../../../test/faults/tcp-proxy.ts'
import { ReplicationStream, type ReplicationStreamOptions } from './replication-stream.ts'
import {
  createOutboxDatabase,
  defaultNames,
  insertRows,
  type OutboxDatabase,
} from './testing/outbox-database.ts'

/**
 * The rows of a batch that ends with a commit, where each has one row: a batch of one is full before its commit is
 * read.
 */
const wholeCommits = 2

describe('ReplicationStream', () => {
  let database: OutboxDatabase
  const never = new AbortController().signal
  const open = (rowsMax = 1, options: Partial<ReplicationStreamOptions> = {}): Promise<ReplicationStream> =>
    ReplicationStream.open({
      database: { url: database.url },
      slotName: `outbox_${database.name}`,
      names: defaultNames,
      applicationName: 'test',
      walSenderTimeoutMs: 5_000,
      rowsMax,
      bytesMax: 1_000_000,
      ...options,
    })
  const insert = (payload: string): Promise<string[]> =>
    insertRows(database.pool, [{ topic: 't', key: 'k', payload }])

  beforeEach(async () => {
    database = await createOutboxDatabase()
    await database.pool.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [
      `outbox_${database.name}`,
    ])
  })
  afterEach(() => database.drop())

  it('goes on with exactly the next commit after each reconnect', async () => {
    const commits = 60
    // Adjacent in the log: nothing else is written between two of them.
    for (let n = 0; n < commits; n++) await insert(`${n}`)
    const seen: string[] = []
    while (seen.length < commits) {
      const stream = await open(wholeCommits)
      const batch = await nextRows(stream)
      seen.push(...batch.rows.map((row) => `${row.value}`))
      stream.confirm(batch)
      await stream.close()
    }
    expect(seen).to.deep.equal(Array.from({ length: commits }, (_, n) => `${n}`))
  })

  it('brings again what was not confirmed', async () => {
    for (let n = 0; n < 5; n++) await insert(`${n}`)
    const first = await open(wholeCommits)
    first.confirm(await nextRows(first))
    const unconfirmed = await nextRows(first)
    await first.close()
    const second = await open(100)
    const again = await nextRows(second)
    await second.close()
    expect(`${again.rows[0]?.value}`).to.equal(`${unconfirmed.rows[0]?.value}`).and.not.equal('0')
  })

  it('does not move inside a transaction', async () => {
    await insertRows(
      database.pool,
      ['0', '1', '2'].map((payload) => ({ topic: 't', payload })),
    )
    const first = await open()
    for (const expected of ['0', '1']) {
      const batch = await nextRows(first)
      expect([`${batch.rows[0]?.value}`, batch.end]).to.deep.equal([expected, undefined])
      first.confirm(batch)
    }
    await first.close()
    const second = await open(100)
    const again = await nextRows(second)
    await second.close()
    expect(again.rows.map((row) => `${row.value}`)).to.deep.equal(['0', '1', '2'])
  })

  it('brings each value to the byte, whatever it is', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const headers = {
      'ü "\\\n': 'ü "\\\n',
      raw: { base64: 'AP8=' },
      twice: ['a', { base64: 'Yg==' }],
      empty: '',
    }
    await database.pool.query('ALTER TABLE outbox ALTER COLUMN id RESTART WITH 9007199254740993')
    await database.pool.query(
      `INSERT INTO outbox (message_id, topic, key, type, payload, headers)
       VALUES (gen_random_uuid(), 'bücher', $1, 't', $1, $2), (gen_random_uuid(), 't', NULL, 't', NULL, '{}')`,
      [bytes, headers],
    )
    const stream = await open(2)
    const { rows } = await nextRows(stream)
    await stream.close()
    expect(rows[0]).to.deep.include({ id: '9007199254740993', topic: 'bücher', key: bytes, value: bytes })
    expect(rows[0]?.headers).to.deep.equal({
      ...headers,
      raw: Buffer.of(0, 255),
      twice: ['a', Buffer.from('b')],
    })
    expect(rows[1]).to.deep.include({
      id: '9007199254740994',
      topic: 't',
      key: null,
      value: null,
      headers: {},
    })
  })

  it('tells when each row was committed', async () => {
    const now = async (): Promise<number> => {
      const { rows } = await database.pool.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms')
      return Number(rows[0].ms)
    }
    const before = await now()
    await insert('1')
    const after = await now()
    const stream = await open()
    const { rows } = await nextRows(stream)
    await stream.close()
    expect(rows[0]?.committedAtMs).to.be.within(before, after)
  })

  it('says 55006 when the slot is taken', async () => {
    const holder = await open()
    const failure = await open().catch((error: unknown) => error)
    await holder.close()
    expect(failure).to.be.instanceOf(pg.DatabaseError)
    expect(failure).to.include({ code: '55006' })
  })

  it('holds no more than two batches while nobody takes them, and the server waits', async () => {
    const stream = await open(10)
    const payload = 'x'.repeat(10_000)
    await insertRows(
      database.pool,
      Array.from({ length: 2_000 }, () => ({ topic: 't', payload })),
    )
    let rows = 0
    while (rows < 2_000) {
      const batch = await nextRows(stream)
      expect(batch.rows.length).to.be.at.most(10)
      rows += batch.rows.length
      stream.confirm(batch)
    }
    await stream.close()
  })

  it('gathers rows until a batch is full', async () => {
    const stream = await open(3)
    const gathering = stream.gather(600_000, never)
    for (const payload of ['0', '1', '2']) await insert(payload)
    await gathering
    const { rows } = await nextRows(stream)
    await stream.close()
    // The third row is there, and its commit may not be yet: then it is left to the next batch.
    expect(rows.map((row) => `${row.value}`).slice(0, 2)).to.deep.equal(['0', '1'])
  })

  it('gathers no longer than it should, although a row is there', async () => {
    const stream = await open(3)
    await insert('0')
    await stream.gather(200, never)
    const { rows } = await nextRows(stream)
    await stream.close()
    expect(rows.map((row) => `${row.value}`)).to.deep.equal(['0'])
  })

  it('ends a gathering with its signal and with the stream', async () => {
    const stream = await open()
    await stream.gather(600_000, AbortSignal.timeout(20))
    const gathering = stream.gather(600_000, never)
    await stream.close()
    await gathering
  })

  it('fails when the connection breaks', async () => {
    const stream = await open()
    const next = stream.next(never).catch((error: unknown) => error)
    await database.pool.query(
      'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = $1',
      [database.name],
    )
    expect(await next).to.be.instanceOf(Error)
    await stream.close()
  })

  it('is not opened when its connection breaks before the start', async () => {
    const beforeStart = async (): Promise<void> => {
      await database.pool.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND datname = $2',
        ['test', database.name],
      )
      await new Promise(() => {})
    }
    const failure = await open(1, { beforeStart }).catch((error: unknown) => error)
    expect(failure).to.match(/terminat/)
  })

  it('takes a server that has nothing to say for alive, and one that leaves questions unanswered for dead', async () => {
    const url = new URL(database.url)
    const proxy = await TcpProxy.start(Number(url.port))
    url.hostname = '127.0.0.1'
    url.port = String(proxy.port)
    const walSenderTimeoutMs = 1_000
    const stream = await open(1, { database: { url: url.href }, walSenderTimeoutMs })
    try {
      const idle = await stream.next(never, 4 * walSenderTimeoutMs)
      expect(idle.rows).to.deep.equal([])
      proxy.hold('to-client')
      const failure = await stream.next(never).catch((error: unknown) => error)
      expect(failure).to.match(/^Error: the server has not answered for \d+ ms$/)
    } finally {
      await stream.close()
      await proxy.close()
    }
  })

  async function nextRows(stream: ReplicationStream): ReturnType<ReplicationStream['next']> {
    for (;;) {
      const batch = await stream.next(never)
      if (batch.rows.length > 0) return batch
      stream.confirm(batch)
    }
  }
})
