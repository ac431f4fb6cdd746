import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createRelayFixture, type RelayFixture } from './testing/relay-fixture.ts'
import type { RelayProcess } from './testing/relay-process.ts'
import { waitFor } from './testing/wait-for.ts'

/** What a table without NOT NULL may hold beside a row that is right. A column that is left out has a right value. */
interface OddRow {
  readonly what: string
  readonly topic?: string | null
  readonly key?: null
  readonly payload?: null
  readonly headers?: string | null
  readonly type?: null
  readonly message_id?: null
  readonly created_at?: string | null
  /** Why it is parked, where it cannot go. */
  readonly error?: string
}

const odd: readonly OddRow[] = [
  { what: 'no key', key: null },
  { what: 'no payload', payload: null },
  { what: 'no type', type: null },
  { what: 'no message id', message_id: null },
  { what: 'no time', created_at: null },
  { what: 'an endless time', created_at: 'infinity' },
  { what: 'a header of a prototype', headers: '{"__proto__": ["a"]}' },
  { what: 'no topic', topic: null, error: 'NO_TOPIC' },
  { what: 'an empty topic', topic: '', error: 'NO_TOPIC' },
  { what: 'a topic with a slash', topic: 'a/b', error: 'INVALID_TOPIC_EXCEPTION' },
  { what: 'a topic of dots', topic: '..', error: 'INVALID_TOPIC_EXCEPTION' },
  { what: 'a long topic', topic: 't'.repeat(300), error: 'INVALID_TOPIC_EXCEPTION' },
  { what: 'no headers', headers: null, error: 'MALFORMED_HEADERS' },
  { what: 'headers of null', headers: 'null', error: 'MALFORMED_HEADERS' },
  { what: 'headers of a number', headers: '7', error: 'MALFORMED_HEADERS' },
  { what: 'headers of a text', headers: '"a"', error: 'MALFORMED_HEADERS' },
  { what: 'headers of a list', headers: '["a"]', error: 'MALFORMED_HEADERS' },
  { what: 'a header of null', headers: '{"a": null}', error: 'MALFORMED_HEADERS' },
  { what: 'a header of an object', headers: '{"a": {"b": {"c": 1}}}', error: 'MALFORMED_HEADERS' },
  {
    what: 'deep headers',
    headers: `{"a": ${'['.repeat(500)}${']'.repeat(500)}}`,
    error: 'MALFORMED_HEADERS',
  },
  {
    what: 'large headers',
    headers: JSON.stringify({ a: 'x'.repeat(2_000_000) }),
    error: 'MESSAGE_TOO_LARGE',
  },
  {
    what: 'nothing but an id',
    ...{
      topic: null,
      key: null,
      payload: null,
      headers: null,
      type: null,
      message_id: null,
      created_at: null,
    },
    error: 'NO_TOPIC',
  },
  {
    what: 'nothing that is not sent, and no headers',
    ...{ headers: null, type: null, message_id: null, created_at: null },
    error: 'MALFORMED_HEADERS',
  },
]

describe('an outbox without NOT NULL, made by another', () => {
  let fixture: RelayFixture
  beforeEach(async () => {
    fixture = await createRelayFixture()
    for (const column of ['message_id', 'topic', 'type', 'headers', 'created_at'])
      await fixture.database.pool.query(`ALTER TABLE outbox ALTER ${column} DROP NOT NULL`)
  })
  afterEach(() => fixture.dispose())

  it('has its odd rows parked or published when the log brings them, and the others flow', async () => {
    const relay = fixture.start({ OBSERVE_INTERVAL_MS: '200' })
    await relay.saw('streaming')
    const ids = await insertAll()
    await isSettled(ids)
    await isWell(relay)
  })

  it('has them parked or published when the table shows them, and the others flow', async () => {
    const ids = await insertAll()
    const relay = fixture.start({ OBSERVE_INTERVAL_MS: '200' })
    await relay.saw('streaming')
    await isSettled(ids)
    await isWell(relay)
  })

  it('keeps the later rows of a topic and key behind one that is parked, also after a new start', async () => {
    const first = fixture.start()
    await first.saw('streaming')
    await insert({ what: 'k', topic: null })
    await fixture.outboxIsEmpty()
    await first.end('SIGKILL')
    const second = fixture.start()
    await second.saw('streaming')
    await insert({ what: 'k', topic: null })
    await insert({ what: 'k' })
    await fixture.topic.received(1)
    await fixture.outboxIsEmpty()
    expect(await parkedErrors()).to.deep.equal(['NO_TOPIC', 'KEY_PARKED'])
  })

  it('has rows without an id named, once, and left where they are', async () => {
    const { pool } = fixture.database
    await pool.query('ALTER TABLE outbox DROP CONSTRAINT outbox_pkey, ALTER id DROP IDENTITY')
    await pool.query('ALTER TABLE outbox ALTER id DROP NOT NULL')
    await insert({ what: 'before the relay' }, null)
    const relay = fixture.start({ OBSERVE_INTERVAL_MS: '200', SWEEP_INTERVAL_MS: '500' })
    await relay.saw('streaming')
    await insert({ what: 'nameless' }, null)
    await insert({ what: 'nameless, too' }, null)
    await insert({ what: 'flows' }, '7')
    await fixture.topic.received(1)
    await waitFor('the row with an id to go', async () => (await left()) === 3)
    await relay.saw('a row of the outbox has no id: it is neither published nor deleted')
    await insert({ what: 'flows, too' }, '8')
    await fixture.topic.received(2)
    expect(fixture.values()).to.have.members(['flows', 'flows, too'])
    const named = relay.logged.filter(({ msg }) => msg.includes('has no id'))
    expect(named).to.have.length(1)
    expect(named[0]).to.include({ schema: 'public', table: 'outbox' })
    expect(named[0]?.rows).to.be.within(1, 3)
    expect(named[0]?.messageIds).to.include('00000000-0000-4000-8000-000000000000')
    await pool.query("UPDATE outbox SET created_at = now() - interval '1 day'")
    await waitFor(
      'only rows that are published to count as waiting',
      async () => (await relay.metric('outbox_relay_oldest_unpublished_age_seconds')) === 0,
    )
    expect(await relay.metric('outbox_relay_reconnects_total')).to.equal(0)
  })

  const left = async (): Promise<number> =>
    (await fixture.database.pool.query<{ count: number }>('SELECT count(*)::int FROM outbox')).rows[0]
      ?.count ?? 0
  const parkedErrors = async (): Promise<string[]> =>
    (
      await fixture.database.pool.query<{ error: string }>('SELECT error FROM parked_outbox ORDER BY id')
    ).rows.map(({ error }) => error)

  /** @returns the id, where it is drawn */
  async function insert(row: OddRow, id?: string | null): Promise<string> {
    const value = <T>(name: keyof OddRow, right: T): unknown => (name in row ? row[name] : right)
    const columns: Record<string, unknown> = {
      ...(id === undefined ? {} : { id }),
      message_id: value('message_id', '00000000-0000-4000-8000-000000000000'),
      topic: value('topic', fixture.topic.name),
      key: value('key', Buffer.from(row.what)),
      type: value('type', 'test.v1.Message'),
      payload: value('payload', Buffer.from(row.what)),
      headers: value('headers', '{}'),
      created_at: value('created_at', new Date()),
    }
    const names = Object.keys(columns)
    const { rows } = await fixture.database.pool.query<{ id: string }>(
      `INSERT INTO outbox (${names}) VALUES (${names.map((_, nth) => `$${nth + 1}`)}) RETURNING id`,
      Object.values(columns),
    )
    return rows[0]?.id ?? ''
  }

  async function insertAll(): Promise<Map<string, OddRow>> {
    const ids = new Map<string, OddRow>()
    for (const row of odd) ids.set(await insert(row), row)
    await insert({ what: `flows ${randomBytes(4).toString('hex')}` })
    return ids
  }

  async function isSettled(ids: ReadonlyMap<string, OddRow>): Promise<void> {
    await fixture.outboxIsEmpty()
    const { rows } = await fixture.database.pool.query<{ id: string; error: string }>(
      'SELECT id, error FROM parked_outbox ORDER BY id',
    )
    expect(rows.map(({ id, error }) => `${ids.get(id)?.what}: ${error}`)).to.deep.equal(
      odd.filter(({ error }) => error !== undefined).map(({ what, error }) => `${what}: ${error}`),
    )
    const free = odd.filter(({ error }) => error === undefined)
    await fixture.topic.received(free.length + 1)
    const expected = free.map(({ what, payload }) => (payload === null ? null : what))
    expect(fixture.values()).to.include.members(expected)
    const header = fixture.topic.records.find(({ value }) => value === 'a header of a prototype')?.headers
    expect(Object.keys(header ?? {})).to.deep.equal(['__proto__'])
  }

  async function isWell(relay: RelayProcess): Promise<void> {
    expect(await relay.metric('outbox_relay_reconnects_total')).to.equal(0)
    await waitFor('the metric', async () => (await relay.metric('outbox_relay_parked_rows')) > 0)
  }
})
