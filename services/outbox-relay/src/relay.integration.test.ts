import { expect } from 'chai'
import { insertRows } from './testing/outbox-database.ts'
import { createRelayFixture, type RelayFixture } from './testing/relay-fixture.ts'

describe('the outbox relay', () => {
  let fixture: RelayFixture

  beforeEach(async () => {
    fixture = await createRelayFixture()
  })
  afterEach(() => fixture.dispose())

  it('publishes each committed row once, in commit order per key, and deletes it', async () => {
    const relay = fixture.start()
    await relay.saw('streaming')
    for (let n = 0; n < 50; n++) {
      await insertRows(fixture.database.pool, [
        { topic: fixture.topic.name, key: `key ${n % 5}`, payload: `${n}a` },
        { topic: fixture.topic.name, key: `key ${n % 5}`, payload: `${n}b` },
      ])
    }
    await fixture.topic.received(100)
    await fixture.outboxIsEmpty()
    for (let k = 0; k < 5; k++) {
      const received = fixture.topic.records
        .filter((record) => record.key === `key ${k}`)
        .map((record) => record.value)
      expect(received).to.deep.equal(
        Array.from({ length: 10 }, (_, i) => [`${i * 5 + k}a`, `${i * 5 + k}b`]).flat(),
      )
    }
    expect(fixture.topic.records).to.have.length(100)
    expect(await relay.metric('outbox_relay_published_total')).to.equal(100)
    expect(await relay.metric('outbox_relay_active')).to.equal(1)
  })

  it('copies keys, payloads and headers as they are, and nothing of what was rolled back', async () => {
    await fixture.start().saw('streaming')
    const client = await fixture.database.pool.connect()
    await client.query('BEGIN')
    await client.query(
      `INSERT INTO outbox (message_id, topic, key, type, payload, headers)
       VALUES (gen_random_uuid(), $1, 'k', 't', 'rolled back', '{}')`,
      [fixture.topic.name],
    )
    await client.query('ROLLBACK')
    client.release()
    await insertRows(fixture.database.pool, [
      {
        topic: fixture.topic.name,
        key: null,
        payload: null,
        headers: { a: 'ü', raw: { base64: 'AP8=' }, twice: ['1', '2'] },
      },
    ])
    await fixture.topic.received(1)
    const [record] = fixture.topic.records
    expect(record).to.include({ key: null, value: null, partition: 0 })
    expect(record?.headers).to.deep.equal({
      a: Buffer.from('ü'),
      raw: Buffer.from([0, 255]),
      twice: [Buffer.from('1'), Buffer.from('2')],
    })
  })

  it('carries a transaction that is far larger than a batch, without losing the place', async () => {
    await fixture.start({ BATCH_ROWS_MAX: '50' }).saw('streaming')
    const rows = Array.from({ length: 1_234 }, (_, n) => ({
      topic: fixture.topic.name,
      key: 'k',
      payload: `${n}`,
    }))
    await insertRows(fixture.database.pool, rows)
    await fixture.topic.received(rows.length)
    expect(fixture.values()).to.deep.equal(rows.map((row) => row.payload))
    await fixture.outboxIsEmpty()
  })
})
