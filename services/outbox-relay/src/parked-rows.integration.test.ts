import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import { expect } from 'chai'
import pg from 'pg'
import { handbookSection, hereDocuments } from '../../../test/support/handbook.ts'
import { insertRows } from './testing/outbox-database.ts'
import { createRelayFixture, type RelayFixture } from './testing/relay-fixture.ts'
import { createTestTopic } from './testing/topic.ts'
import { waitFor } from './testing/wait-for.ts'

describe('a message that Kafka refuses for good', () => {
  let fixture: RelayFixture

  beforeEach(async () => {
    fixture = await createRelayFixture()
  })
  afterEach(() => fixture.dispose())

  it('is parked, and so are later ones of its key, until somebody repairs them; all others flow', async () => {
    const small = await createTestTopic({ config: { 'max.message.bytes': '20000' } })
    try {
      const relay = fixture.start({ OBSERVE_INTERVAL_MS: '200' })
      await relay.saw('streaming')
      await insertRows(fixture.database.pool, [
        { topic: small.name, key: 'other', payload: 'first' },
        { topic: small.name, key: 'k', payload: 'before' },
        { topic: small.name, key: 'k', payload: Buffer.alloc(30_000, 'x') },
        { topic: small.name, key: 'k', payload: 'after' },
        { topic: small.name, key: 'other', payload: 'second' },
        { topic: fixture.topic.name, key: 'k', payload: 'elsewhere' },
      ])
      await insertRows(fixture.database.pool, [{ topic: small.name, key: 'k', payload: 'much later' }])
      await insertRows(fixture.database.pool, [{ topic: small.name, key: 'other', payload: 'third' }])
      // What is sent again apart from a refused message may be repeated.
      const valuesOf = (key: string): string[] => [
        ...new Set(small.records.filter((record) => record.key === key).map((record) => `${record.value}`)),
      ]
      await waitFor('the other key', () => valuesOf('other').length === 3)
      await fixture.topic.received(1)
      await fixture.outboxIsEmpty()
      const { rows } = await fixture.database.pool.query<{ id: string; error: string; bytes: number }>(
        'SELECT id, error, length(payload) AS bytes FROM parked_outbox ORDER BY id',
      )
      expect(rows.map(({ error, bytes }) => ({ error, bytes }))).to.deep.equal([
        { error: 'MESSAGE_TOO_LARGE', bytes: 30_000 },
        { error: 'KEY_PARKED', bytes: 5 },
        { error: 'KEY_PARKED', bytes: 10 },
      ])
      await waitFor('the metric', async () => (await relay.metric('outbox_relay_parked_rows')) === 3)

      // Repaired by hand, as the handbook says: the large one is given up, the others go back.
      const [large] = rows
      const [moveBack, giveUp] = await handbookStatements()
      await asOwner(giveUp.replace(':id', `${large?.id}`))
      await asOwner(moveBack)
      await waitFor('the rows that waited', () => valuesOf('k').length === 3)
      expect(valuesOf('k')).to.deep.equal(['before', 'after', 'much later'])
      expect(valuesOf('other')).to.deep.equal(['first', 'second', 'third'])
    } finally {
      await small.close()
    }
  })

  it('is parked when its headers are none that Kafka has, with the later ones of its key', async () => {
    const relay = fixture.start()
    await relay.saw('streaming')
    const topic = fixture.topic.name
    const wrong = { count: 7 }
    await insertRows(fixture.database.pool, [
      { topic, key: 'k', payload: 'before' },
      { topic, key: 'k', payload: 'wrong', headers: wrong },
      { topic, key: 'k', payload: 'after' },
      { topic, key: 'other', payload: 'flows' },
    ])
    await fixture.outboxIsEmpty()
    await fixture.topic.received(2)
    expect(fixture.values()).to.have.members(['before', 'flows'])
    const { rows } = await fixture.database.pool.query('SELECT error, headers FROM parked_outbox ORDER BY id')
    expect(rows).to.deep.equal([
      { error: 'MALFORMED_HEADERS', headers: wrong },
      { error: 'KEY_PARKED', headers: {} },
    ])
    expect(await relay.metric('outbox_relay_reconnects_total')).to.equal(0)
  })

  /**
   * As the database's owner, who has no other rights, whatever it is called; the outbox of the fixture is in `public`.
   */
  async function asOwner(statements: string): Promise<void> {
    const client = new (clientOf({ url: fixture.database.url }, pg.Client))()
    await client.connect()
    try {
      const named = statements.replace('payment_owner', fixture.database.name)
      await client.query(named.replaceAll('messaging.', 'public.'))
    } finally {
      await client.end()
    }
  }
})

/** The statements that docs/operations/alerts.md gives to an operator. */
async function handbookStatements(): Promise<[moveBack: string, giveUp: string]> {
  const [moveBack, giveUp, ...others] = hereDocuments(
    await handbookSection('alerts.md', 'BoxofficeOutboxParked'),
    'SQL',
  )
  if (moveBack === undefined || giveUp === undefined || others.length > 0)
    throw new Error('the handbook has two statements for parked rows')
  return [moveBack, giveUp]
}
