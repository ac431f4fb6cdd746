import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import {
  countRows,
  createOutboxDatabase,
  insertRows,
  type OutboxDatabase,
} from './testing/outbox-database.ts'
import { type RelayProcess, startRelay } from './testing/relay-process.ts'
import { createTestTopic, type TestTopic } from './testing/topic.ts'
import { waitFor } from './testing/wait-for.ts'

describe('the outbox relay', () => {
  let database: OutboxDatabase
  let topic: TestTopic
  const relays: RelayProcess[] = []
  const start = (env: Record<string, string> = {}): RelayProcess => {
    const relay = startRelay({ DATABASE_URL: database.url, ...env })
    relays.push(relay)
    return relay
  }
  const outboxIsEmpty = async (): Promise<void> => {
    await waitFor('an empty outbox', async () => (await countRows(database.pool)) === 0)
  }
  const insertOne = (payload: string, key = 'k'): Promise<string[]> =>
    insertRows(database.pool, [{ topic: topic.name, key, payload }])
  const values = (): (string | null)[] => topic.records.map((record) => record.value)

  beforeEach(async () => {
    ;[database, topic] = await Promise.all([createOutboxDatabase(), createTestTopic()])
  })
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.end('SIGKILL')))
    await Promise.all([database.drop(), topic.close()])
  })

  it('publishes each committed row once, in commit order per key, and deletes it', async () => {
    const relay = start()
    await relay.saw('active')
    for (let n = 0; n < 50; n++) {
      await insertRows(database.pool, [
        { topic: topic.name, key: `key ${n % 5}`, payload: `${n}a` },
        { topic: topic.name, key: `key ${n % 5}`, payload: `${n}b` },
      ])
    }
    await topic.received(100)
    await outboxIsEmpty()
    for (let k = 0; k < 5; k++) {
      const received = topic.records
        .filter((record) => record.key === `key ${k}`)
        .map((record) => record.value)
      expect(received).to.deep.equal(
        Array.from({ length: 10 }, (_, i) => [`${i * 5 + k}a`, `${i * 5 + k}b`]).flat(),
      )
    }
    expect(topic.records).to.have.length(100)
    expect(await relay.metric('outbox_relay_published_total')).to.equal(100)
    expect(await relay.metric('outbox_relay_active')).to.equal(1)
  })

  it('copies keys, payloads and headers as they are, and nothing of what was rolled back', async () => {
    await start().saw('active')
    const client = await database.pool.connect()
    await client.query('BEGIN')
    await client.query(
      `INSERT INTO outbox (message_id, topic, key, type, payload, headers)
       VALUES (gen_random_uuid(), $1, 'k', 't', 'rolled back', '{}')`,
      [topic.name],
    )
    await client.query('ROLLBACK')
    client.release()
    await insertRows(database.pool, [
      {
        topic: topic.name,
        key: null,
        payload: null,
        headers: { a: 'ü', raw: { base64: 'AP8=' }, twice: ['1', '2'] },
      },
    ])
    await topic.received(1)
    const [record] = topic.records
    expect(record).to.include({ key: null, value: null, partition: 0 })
    expect(record?.headers).to.deep.equal({
      a: Buffer.from('ü'),
      raw: Buffer.from([0, 255]),
      twice: [Buffer.from('1'), Buffer.from('2')],
    })
  })

  it('publishes the rows from before its slot first, in id order', async () => {
    for (let n = 0; n < 30; n++) await insertOne(`${n}`)
    await start({ BATCH_ROWS_MAX: '7' }).saw('active')
    await insertOne('30')
    await topic.received(31)
    expect(values()).to.deep.equal(Array.from({ length: 31 }, (_, n) => `${n}`))
    await outboxIsEmpty()
  })

  it('carries a transaction that is far larger than a batch, without losing the place', async () => {
    await start({ BATCH_ROWS_MAX: '50' }).saw('active')
    const rows = Array.from({ length: 1_234 }, (_, n) => ({ topic: topic.name, key: 'k', payload: `${n}` }))
    await insertRows(database.pool, rows)
    await topic.received(rows.length)
    expect(values()).to.deep.equal(rows.map((row) => row.payload))
    await outboxIsEmpty()
  })

  it('repeats messages after a SIGKILL, and loses none', async () => {
    let inserted = 0
    let writing = true
    const writer = (async () => {
      while (writing) await insertOne(`${inserted++}`, `key ${inserted % 20}`)
    })()
    for (let kill = 0; kill < 4; kill++) {
      const relay = start({ STANDBY_POLL_MS: '50' })
      await relay.saw('active')
      const before = topic.records.length
      await topic.received(before + 20)
      await relay.end('SIGKILL')
    }
    writing = false
    await writer
    start({ SWEEP_INTERVAL_MS: '500' })
    await waitFor('every row', () => new Set(values()).size === inserted)
    await outboxIsEmpty()
    expectFirstDeliveriesInOrder(topic)
  })

  it('is brought again by the slot what it had read and not sent when it died, without a sweep', async () => {
    const dying = start({ CRASH_AT: 'produce:before:2' })
    await insertOne('sent')
    await topic.received(1)
    await insertOne('read')
    await waitFor('its end', () => dying.child.signalCode === 'SIGKILL')
    const next = start()
    await topic.received(2)
    await outboxIsEmpty()
    expect(values()).to.deep.equal(['sent', 'read'])
    expect(await next.metric('outbox_relay_swept_rows_total')).to.equal(0)
  })

  it('lets a standby take over at once when the active relay dies', async () => {
    const [first, second] = [start(), start()]
    const active = await waitFor('an active relay', () =>
      [first, second].find((relay) => relay.logged.some((line) => line.msg === 'active')),
    )
    const standby = active === first ? second : first
    await standby.saw('standing by: another relay holds the slot')
    expect(await standby.metric('outbox_relay_active')).to.equal(0)
    await insertOne('before')
    await topic.received(1)
    await active.end('SIGKILL')
    await insertOne('after')
    await waitFor('the row from afterwards', () => values().includes('after'), 5_000)
    expect([...new Set(values())]).to.deep.equal(['before', 'after'])
  })

  it('replaces a relay that hangs, and is not disturbed when that wakes up', async () => {
    const hanging = start({ WAL_SENDER_TIMEOUT_MS: '2000' })
    await hanging.saw('active')
    const standby = start({ WAL_SENDER_TIMEOUT_MS: '2000' })
    await standby.saw('standing by: another relay holds the slot')
    hanging.child.kill('SIGSTOP')
    await insertOne('while it hangs')
    await standby.saw('active', 10_000)
    await topic.received(1)
    hanging.child.kill('SIGCONT')
    await hanging.saw('standing by: another relay holds the slot')
    await insertOne('afterwards')
    await waitFor('the last row', () => values().includes('afterwards'))
    expect(new Set(values())).to.deep.equal(new Set(['while it hangs', 'afterwards']))
  })

  it('makes a new slot when its own is dropped, and publishes what came in between', async () => {
    const relay = start()
    await relay.saw('active')
    await database.pool.query(
      'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = $1',
      [database.name],
    )
    await waitFor('the slot to be dropped', () =>
      database.pool
        .query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = $1', [
          database.name,
        ])
        .then(
          (result) => result.rowCount === 1,
          () => false,
        ),
    )
    await insertOne('in between')
    await topic.received(1)
    await insertOne('later')
    await topic.received(2)
    await outboxIsEmpty()
  })

  it('waits for the publication, without which a slot would hide rows', async () => {
    await database.pool.query('DROP PUBLICATION outbox')
    await insertOne('early')
    const relay = start()
    await relay.saw('started')
    await sleep(300)
    await database.pool.query(`CREATE PUBLICATION outbox FOR TABLE outbox WITH (publish = 'insert')`)
    await insertOne('late')
    await topic.received(2)
    expect(values()).to.deep.equal(['early', 'late'])
  })

  it('finds the rows that the stream did not bring', async () => {
    const relay = start({ SWEEP_INTERVAL_MS: '200' })
    await relay.saw('active')
    await database.pool.query('ALTER PUBLICATION outbox DROP TABLE outbox')
    await insertOne('missed')
    await database.pool.query('ALTER PUBLICATION outbox ADD TABLE outbox')
    await topic.received(1)
    await outboxIsEmpty()
    expect(await relay.metric('outbox_relay_swept_rows_total')).to.equal(1)
  })

  it('parks a message that is too large for its topic, and later ones of its key; all others flow', async () => {
    const small = await createTestTopic({ config: { 'max.message.bytes': '20000' } })
    try {
      const relay = start({ OBSERVE_INTERVAL_MS: '200' })
      await relay.saw('active')
      await insertRows(database.pool, [
        { topic: small.name, key: 'other', payload: 'first' },
        { topic: small.name, key: 'k', payload: 'before' },
        { topic: small.name, key: 'k', payload: Buffer.alloc(30_000, 'x') },
        { topic: small.name, key: 'k', payload: 'after' },
        { topic: small.name, key: 'other', payload: 'second' },
        { topic: topic.name, key: 'k', payload: 'elsewhere' },
      ])
      await insertRows(database.pool, [{ topic: small.name, key: 'k', payload: 'much later' }])
      await insertRows(database.pool, [{ topic: small.name, key: 'other', payload: 'third' }])
      // What is sent again apart from a refused message may be repeated.
      const valuesOf = (key: string): string[] => [
        ...new Set(small.records.filter((record) => record.key === key).map((record) => `${record.value}`)),
      ]
      await waitFor('the other key', () => valuesOf('other').length === 3)
      await topic.received(1)
      await outboxIsEmpty()
      const { rows } = await database.pool.query<{ error: string; bytes: number }>(
        'SELECT error, length(payload) AS bytes FROM parked_outbox ORDER BY id',
      )
      expect(rows).to.deep.equal([
        { error: 'MESSAGE_TOO_LARGE', bytes: 30_000 },
        { error: 'KEY_PARKED', bytes: 5 },
        { error: 'KEY_PARKED', bytes: 10 },
      ])
      await waitFor('the metric', async () => (await relay.metric('outbox_relay_parked_rows')) === 3)

      // Repaired by hand: the large one is given up, the others go back.
      await database.pool.query('DELETE FROM parked_outbox WHERE length(payload) = 30000')
      await database.pool.query(
        `WITH moved AS (DELETE FROM parked_outbox RETURNING *)
         INSERT INTO outbox (message_id, topic, key, type, payload, headers)
         SELECT message_id, topic, key, type, payload, headers FROM moved ORDER BY id`,
      )
      await waitFor('the rows that waited', () => valuesOf('k').length === 3)
      expect(valuesOf('k')).to.deep.equal(['before', 'after', 'much later'])
      expect(valuesOf('other')).to.deep.equal(['first', 'second', 'third'])
    } finally {
      await small.close()
    }
  })

  it('lets an idle database free its log while another one writes', async () => {
    await start().saw('active')
    const other = await createOutboxDatabase()
    try {
      const before = await confirmedFlush()
      await other.pool.query(`CREATE TABLE noise AS SELECT repeat('x', 1000) FROM generate_series(1, 5000)`)
      const { rows } = await other.pool.query<{ lsn: string }>('SELECT pg_current_wal_lsn() AS lsn')
      await waitFor('the slot to follow', async () => {
        const result = await database.pool.query<{ passed: boolean }>(
          `SELECT confirmed_flush_lsn >= $2::pg_lsn AND confirmed_flush_lsn > $3::pg_lsn AS passed
           FROM pg_replication_slots WHERE database = $1`,
          [database.name, rows[0]?.lsn, before],
        )
        return result.rows[0]?.passed
      })
    } finally {
      await other.drop()
    }
  })

  it('publishes what is in flight before it stops, and frees the slot', async () => {
    const relay = start()
    await relay.saw('active')
    await Promise.all(Array.from({ length: 50 }, (_, n) => insertOne(`${n}`, `${n}`)))
    expect(await relay.end('SIGTERM')).to.equal(0)
    const { rows } = await database.pool.query(
      'SELECT active FROM pg_replication_slots WHERE database = $1',
      [database.name],
    )
    expect(rows).to.deep.equal([{ active: false }])
    await start().saw('active')
    await waitFor('every row', () => new Set(values()).size === 50)
    expect(topic.records, 'nothing is repeated').to.have.length(50)
  })

  async function confirmedFlush(): Promise<string | undefined> {
    const { rows } = await database.pool.query<{ lsn: string }>(
      'SELECT confirmed_flush_lsn AS lsn FROM pg_replication_slots WHERE database = $1',
      [database.name],
    )
    return rows[0]?.lsn
  }
})

/** The first time that each value of a key came is in the order in which they were written. */
function expectFirstDeliveriesInOrder(topic: TestTopic): void {
  const seen = new Map<string, number>()
  const delivered = new Set<string>()
  for (const { key, value } of topic.records) {
    if (delivered.has(`${value}`)) continue
    delivered.add(`${value}`)
    expect(Number(value), `order of ${key}`).to.be.above(seen.get(`${key}`) ?? -1)
    seen.set(`${key}`, Number(value))
  }
}
