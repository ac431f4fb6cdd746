import { setTimeout as sleep } from 'node:timers/promises'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import { hostileSettings } from '@boxoffice/common/testing/hostile-settings.ts'
import { expect } from 'chai'
import pg from 'pg'
import { startTemporaryPlatform } from '../../../scripts/platform/temporary-platform.ts'
import {
  countRows,
  createOutboxDatabase,
  insertRows,
  type OutboxDatabase,
} from './testing/outbox-database.ts'
import { type RelayProcess, startRelay } from './testing/relay-process.ts'
import { createTestTopic, type TestTopic } from './testing/topic.ts'
import { waitFor } from './testing/wait-for.ts'

/** Its own brokers and server, because it kills them. */
describe('the outbox relay, when Kafka or PostgreSQL fails,', function () {
  this.timeout(180_000)
  let platform: Awaited<ReturnType<typeof startTemporaryPlatform>>
  let database: OutboxDatabase
  let topic: TestTopic
  const relays: RelayProcess[] = []
  const start = (env: Record<string, string> = {}): RelayProcess => {
    const relay = startRelay({
      DATABASE_URL: database.url,
      KAFKA_BROKERS: platform.kafka.addresses.join(','),
      KAFKA_PATIENCE_MS: '2000',
      ...env,
    })
    relays.push(relay)
    return relay
  }
  const insertOne = (payload: string, key = 'k'): Promise<string[]> =>
    insertRows(database.pool, [{ topic: topic.name, key, payload }])
  const values = (): Set<string> => new Set(topic.records.map((record) => `${record.value}`))
  const slot = async (): Promise<{ active: boolean; wal_status: string } | undefined> => {
    const { rows } = await database.pool.query(
      'SELECT active, wal_status FROM pg_replication_slots WHERE database = $1',
      [database.name],
    )
    return rows[0]
  }

  before(async () => {
    platform = await startTemporaryPlatform({
      postgresSettings: { ...hostileSettings, max_slot_wal_keep_size: '32MB', max_replication_slots: '2' },
      brokerProperties: { 'broker.session.timeout.ms': '3000', 'replica.lag.time.max.ms': '3000' },
    })
  })
  after(() => platform?.stop())
  beforeEach(async () => {
    ;[database, topic] = await Promise.all([
      createOutboxDatabase(platform.postgres.adminUrl),
      createTestTopic({ brokers: platform.kafka.addresses }),
    ])
  })
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.end('SIGKILL')))
    await database.drop()
    await topic.close()
  })

  it('loses no row when brokers are killed and restarted under load', async () => {
    await start().saw('streaming')
    let inserted = 0
    let writing = true
    const writers = Array.from({ length: 4 }, async () => {
      while (writing) {
        const n = inserted++
        await insertOne(`${n}`, `key ${n % 50}`)
        await sleep(5)
      }
    })
    // What has left the table: this test's own reader may be without its coordinator for a while, which is not the
    // relay's.
    const published = async (): Promise<number> => inserted - (await countRows(database.pool))
    for (const broker of platform.kafka.brokers.slice(0, 2)) {
      const before = await published()
      await waitFor('traffic', async () => (await published()) > before + 50)
      broker.kill('SIGKILL')
      await broker.exited()
      await sleep(500)
      await broker.start()
    }
    writing = false
    await Promise.all(writers)
    await waitFor('every row', () => values().size === inserted, 60_000)
    await waitFor('an empty outbox', async () => (await countRows(database.pool)) === 0, 60_000)
  })

  it('keeps the rows and frees the slot while Kafka is away, and goes on when it is back', async () => {
    await start().saw('streaming')
    await insertOne('before')
    await topic.received(1)
    // A consumer may have the record before the relay has the answer to it.
    await waitFor('an empty outbox', async () => (await countRows(database.pool)) === 0)
    for (const broker of platform.kafka.brokers) broker.kill('SIGKILL')
    await Promise.all(platform.kafka.brokers.map((broker) => broker.exited()))
    await insertOne('while Kafka is away')
    await waitFor('a free slot', async () => (await slot())?.active === false, 30_000)
    expect(await countRows(database.pool)).to.equal(1)
    await Promise.all(platform.kafka.brokers.map((broker) => broker.start()))
    await insertOne('after')
    await waitFor('the rows', () => values().size === 3, 60_000)
    await waitFor('an empty outbox', async () => (await countRows(database.pool)) === 0)
  })

  it('lets PostgreSQL stop fast, and goes on when it is back', async () => {
    await start().saw('streaming')
    await insertOne('before')
    await topic.received(1)
    const stoppedAt = performance.now()
    await platform.postgres.server.stop()
    expect(performance.now() - stoppedAt).to.be.below(5_000)
    await platform.postgres.server.start()
    await waitFor('the database', () => insertOne('after').catch(() => undefined))
    await waitFor('the row', () => values().has('after'), 30_000)
  })

  it('replaces a slot that has lost its log, and publishes what the table holds', async () => {
    const first = start()
    await first.saw('streaming')
    await first.end('SIGTERM')
    await insertOne('while nobody reads')
    await waitFor('the slot to be lost', async () => {
      await database.pool.query(
        'SELECT pg_switch_wal() FROM pg_logical_emit_message(false, $1, repeat($1, 9000000))',
        ['n'],
      )
      await database.pool.query('CHECKPOINT')
      return (await slot())?.wal_status === 'lost'
    })
    await start().saw('streaming')
    await insertOne('afterwards')
    await waitFor('both rows', () => values().size === 2)
    expect((await slot())?.wal_status).to.equal('reserved')
  })

  it('publishes by scanning while there is no slot to be had', async () => {
    const admin = new (clientOf({ url: platform.postgres.adminUrl }, pg.Client))()
    await admin.connect()
    try {
      for (const name of ['taken_1', 'taken_2']) {
        await admin.query('SELECT pg_create_physical_replication_slot($1)', [name])
      }
      const [relay, other] = [start(), start()]
      await insertOne('without a slot')
      await waitFor('the row', () => values().has('without a slot'))
      await waitFor('one active relay', async () => {
        const active = await Promise.all([relay, other].map((one) => one.metric('outbox_relay_active')))
        return active[0] !== active[1]
      })
      for (const name of ['taken_1', 'taken_2'])
        await admin.query('SELECT pg_drop_replication_slot($1)', [name])
      await waitFor('a slot', async () => (await slot())?.active)
      await insertOne('with a slot')
      await waitFor('the row', () => values().has('with a slot'))
    } finally {
      await admin.end()
    }
  })
})
