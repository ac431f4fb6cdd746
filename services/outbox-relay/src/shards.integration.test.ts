import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShardPublications } from '@boxoffice/common/postgres/outbox-shards.ts'
import { expect } from 'chai'
import { dropActiveSlot } from './testing/drop-active-slot.ts'
import { countRows, insertRows } from './testing/outbox-database.ts'
import { createRelayFixture, type RelayFixture } from './testing/relay-fixture.ts'
import type { RelayProcess } from './testing/relay-process.ts'
import { waitFor } from './testing/wait-for.ts'

const keys = Array.from({ length: 20 }, (_, n) => `key ${n}`)
const held = 'standing by: other relays hold every shard'
const otherLayout = 'standing by: relays with another number of shards publish'

/** From 1, as any language can compute it. */
const shardOf = (key: string, count = 2): number =>
  ((createHash('sha256').update(key).digest()[0] ?? 0) % count) + 1

describe('relays that share an outbox out', () => {
  let fixture: RelayFixture
  beforeEach(async () => {
    fixture = await createRelayFixture()
    await publishShards(2)
  })
  afterEach(() => fixture.dispose())

  const publishShards = async (count: number): Promise<void> => {
    const names = { outbox: 'outbox', publication: 'outbox' }
    for (const sql of createShardPublications(names, count).values()) await fixture.database.pool.query(sql)
  }
  const start = (shards: number, env: Record<string, string> = {}): RelayProcess =>
    fixture.start({ RELAY_SHARDS: `${shards}`, STANDBY_POLL_MS: '100', OBSERVE_INTERVAL_MS: '200', ...env })
  /** Two relays that hold a shard each, in the order of the shards. */
  const startBoth = async (env: Record<string, string> = {}): Promise<[RelayProcess, RelayProcess]> => {
    const relays = [start(2, env), start(2, env)]
    await Promise.all(relays.map((relay) => relay.saw('streaming')))
    const first = await relays[0]?.metric('outbox_relay_shard')
    return (first === 1 ? relays : relays.reverse()) as [RelayProcess, RelayProcess]
  }
  let inserted = 0
  /** Inserts a row of each key, all in one transaction. */
  const insertEach = async (): Promise<void> => {
    const topic = fixture.topic.name
    await insertRows(
      fixture.database.pool,
      keys.map((key) => ({ topic, key, payload: `${inserted++}` })),
    )
  }
  const slotNames = async (): Promise<string[]> => {
    const { rows } = await fixture.database.pool.query<{ name: string }>(
      `SELECT regexp_replace(slot_name, '^outbox_relay_[0-9a-f]+_[0-9]+', 'slot') AS name
       FROM pg_replication_slots WHERE database = current_database() ORDER BY 1`,
    )
    return rows.map(({ name }) => name)
  }
  const everyRow = async (): Promise<void> => {
    await waitFor('every row', () => new Set(fixture.values()).size === inserted)
    await fixture.outboxIsEmpty()
  }

  beforeEach(() => {
    inserted = 0
  })

  it('keep the order of each key, and each publishes its own share', async () => {
    const relays = await startBoth()
    for (let round = 0; round < 20; round++) await insertEach()
    await insertRows(
      fixture.database.pool,
      Array.from({ length: 40 }, () => ({ topic: fixture.topic.name, key: null, payload: `${inserted++}` })),
    )
    await everyRow()
    expect(fixture.topic.records, 'nothing is repeated').to.have.length(inserted)
    expectFirstDeliveriesInOrder()
    const shares = await Promise.all(relays.map((relay) => relay.metric('outbox_relay_published_total')))
    const ofKeys = [1, 2].map((shard) => 20 * keys.filter((key) => shardOf(key) === shard).length)
    // Rows without a key are shared out by their id.
    expect(shares[0]).to.be.within(ofKeys[0] ?? 0, (ofKeys[0] ?? 0) + 40)
    expect((shares[0] ?? 0) + (shares[1] ?? 0)).to.equal(inserted)
    expect(await slotNames()).to.deep.equal(['slot_1of2', 'slot_2of2'])
    expect(await relays[0].measured('outbox_relay_foreign_slots')).to.equal(0)
    expect(await relays[0].metric('outbox_relay_shards')).to.equal(2)
  })

  it('are replaced shard by shard: a standby takes over the one that is free, and the other flows on', async () => {
    const [first, second] = await startBoth()
    const standby = start(2)
    await standby.saw(held)
    expect(await standby.metric('outbox_relay_active')).to.equal(0)
    await second.end('SIGKILL')
    await insertEach()
    await standby.saw('streaming', 10_000)
    await everyRow()
    expect(await standby.metric('outbox_relay_shard')).to.equal(2)
    expect(first.logged.filter(({ msg }) => msg === 'active')).to.have.length(1)
    expectFirstDeliveriesInOrder()
  })

  it('read only their own share of the table when their slot is dropped', async () => {
    const [first, second] = await startBoth({ WAL_SENDER_TIMEOUT_MS: '60000' })
    second.child.kill('SIGSTOP')
    await dropActiveSlot(fixture.database.pool, '\\_1of2')
    await insertEach()
    const ofFirst = keys.filter((key) => shardOf(key) === 1)
    await fixture.topic.received(ofFirst.length)
    await waitFor(
      'their deletion',
      async () => (await countRows(fixture.database.pool)) === keys.length - ofFirst.length,
    )
    await insertEach()
    await fixture.topic.received(2 * ofFirst.length)
    expect(new Set(fixture.topic.records.map(({ key }) => key))).to.deep.equal(new Set(ofFirst))
    expect(await first.metric('outbox_relay_shard')).to.equal(1)
    second.child.kill('SIGCONT')
    await everyRow()
    expectFirstDeliveriesInOrder()
  })

  it('read a share of the table each while their publications are missing', async () => {
    await fixture.database.pool.query('DROP PUBLICATION outbox_1of2, outbox_2of2')
    const relays = [start(2, { SCAN_INTERVAL_MS: '50' }), start(2, { SCAN_INTERVAL_MS: '50' })]
    await insertEach()
    await everyRow()
    await waitFor('both of them', async () => {
      const active = await Promise.all(relays.map((relay) => relay.metric('outbox_relay_active')))
      return active.every((one) => one === 1)
    })
    await insertEach()
    await everyRow()
    expectFirstDeliveriesInOrder()
    await publishShards(2)
    await Promise.all(relays.map((relay) => relay.saw('streaming')))
    await insertEach()
    await everyRow()
  })

  it('do not trust a publication whose row filter is that of another shard', async () => {
    await fixture.database.pool.query('ALTER PUBLICATION outbox_1of2 RENAME TO other')
    await fixture.database.pool.query('ALTER PUBLICATION outbox_2of2 RENAME TO outbox_1of2')
    await fixture.database.pool.query('ALTER PUBLICATION other RENAME TO outbox_2of2')
    const relay = start(2)
    await waitFor('the obstacle', () => relay.logged.some(({ obstacle }) => obstacle === 'publication-rows'))
    start(2)
    await insertEach()
    await everyRow()
  })

  it('wait for those of another number of shards to end, lose nothing and keep the order, there and back', async () => {
    let writing = true
    const writer = (async () => {
      while (writing) {
        await insertEach()
        // As many as one relay can do beside all else.
        await sleep(25)
      }
    })()
    const alone = start(1)
    await alone.saw('streaming')
    const both = [start(2), start(2)]
    await Promise.all(both.map((relay) => relay.saw(otherLayout)))
    await fixture.topic.received(200)
    await alone.end('SIGKILL')
    await Promise.all(both.map((relay) => relay.saw('streaming')))
    const again = start(1)
    await again.saw(otherLayout)
    const before = fixture.topic.records.length
    await fixture.topic.received(before + 200)
    await both[0]?.end('SIGTERM')
    expect(await again.metric('outbox_relay_active')).to.equal(0)
    await both[1]?.end('SIGKILL')
    await again.saw('streaming')
    writing = false
    await writer
    await everyRow()
    expectFirstDeliveriesInOrder()
    expect(await slotNames()).to.deep.equal(['slot'])
  })

  it('leave no slot behind that would bring again what others have published since', async () => {
    for (const shards of [1, 2, 1]) {
      const relays = Array.from({ length: shards }, () => start(shards))
      await Promise.all(relays.map((relay) => relay.saw('streaming')))
      await insertEach()
      await everyRow()
      await Promise.all(relays.map((relay) => relay.end('SIGTERM')))
    }
    expect(fixture.topic.records, 'nothing is repeated').to.have.length(inserted)
  })

  it('have dropped the slots of other numbers before they publish the first row', async () => {
    const before = start(1)
    await before.saw('streaming')
    await before.end('SIGTERM')
    await insertEach()
    // It reads its share of the table, and dies as soon as that is deleted.
    const dying = start(2, { CRASH_AT: 'delete:after:1' })
    await waitFor('its end', () => dying.child.signalCode === 'SIGKILL')
    expect(fixture.topic.records.length).to.be.below(inserted)
    const after = start(1)
    await after.saw('streaming')
    await everyRow()
    await insertEach()
    await everyRow()
    expect(fixture.topic.records, 'nothing is repeated').to.have.length(inserted)
  })

  /** The first time that each value of a key came is in the order in which they were written. */
  function expectFirstDeliveriesInOrder(): void {
    const newest = new Map<string, number>()
    const delivered = new Set<string>()
    for (const { key, value } of fixture.topic.records) {
      if (key === null || delivered.has(`${value}`)) continue
      delivered.add(`${value}`)
      expect(Number(value), `order of ${key}`).to.be.above(newest.get(key) ?? -1)
      newest.set(key, Number(value))
    }
  }
})
