import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import { expect } from 'chai'
import pg from 'pg'
import { blockers, scanReasons } from './obstacles.ts'
import { apart, cases } from './testing/obstacle-cases.ts'
import { obstacleMetric, obstructedRelays } from './testing/obstructed-relays.ts'
import { createOutboxDatabase, type OutboxDatabase } from './testing/outbox-database.ts'
import type { RelayProcess } from './testing/relay-process.ts'
import { createTestTopic, type TestTopic } from './testing/topic.ts'
import { waitFor } from './testing/wait-for.ts'

describe('a relay that cannot get at its rows as it should', function () {
  this.timeout(180_000)
  let topic: TestTopic
  const { start, saw, insert, came } = obstructedRelays(() => topic)
  before(async () => {
    topic = await createTestTopic()
  })
  after(() => topic.close())

  it('has a test for each obstacle that there is', () => {
    const known = [...Object.keys(blockers), ...Object.keys(scanReasons)]
    expect([...cases.map(({ obstacle }) => obstacle), ...apart]).to.have.members(known)
  })

  describe('because of what its database holds', () => {
    let database: OutboxDatabase
    let other: OutboxDatabase
    let relay: RelayProcess | undefined
    beforeEach(async () => {
      ;[database, other] = await Promise.all([createOutboxDatabase(), createOutboxDatabase()])
    })
    afterEach(async () => {
      await relay?.end('SIGKILL')
      relay = undefined
      await Promise.all([database.drop(), other.drop()])
    })

    for (const { obstacle, impose, mend, elsewhere = false } of cases) {
      const isBlocked = obstacle in blockers
      it(`says ${obstacle}, ${isBlocked ? 'waits' : 'publishes by scanning'}, and streams once that is mended`, async () => {
        const place = await (elsewhere ? other : database).pool.connect()
        const run = async (sql: string): Promise<unknown> =>
          place.query(sql.replaceAll('$slot', await slotOf(database)).replaceAll('$role', database.name))
        const early = await insert(database)
        try {
          await run(impose)
          relay = start(database)
          await saw(relay, obstacle)
          expect(await obstacleMetric(relay, obstacle)).to.equal(1)
          if (!isBlocked) {
            await came(early)
            await waitFor('its shard', async () => (await relay?.metric('outbox_relay_shard')) === 1)
          }
          await run(mend)
        } finally {
          place.release(true)
        }
        await relay.saw('streaming')
        await came(early, await insert(database))
        expect(await obstacleMetric(relay, obstacle)).to.be.NaN
      })
    }

    it('notices while it streams, drops the slot that brings nothing, and publishes by scanning', async () => {
      relay = start(database)
      await relay.saw('streaming')
      await database.pool.query('DROP PUBLICATION outbox')
      await saw(relay, 'publication-missing')
      await came(await insert(database))
      await waitFor('no slot', async () => (await slotsOf(database)).length === 0)
      await database.pool.query(`CREATE PUBLICATION outbox FOR ALL TABLES WITH (publish = 'insert')`)
      await waitFor('the slot', async () => (await slotsOf(database)).length === 1)
      await waitFor('the stream', async () => (await slotsOf(database)).some(({ active }) => active))
      const reconnects = await relay.metric('outbox_relay_reconnects_total')
      await database.pool.query('CREATE TABLE noise (id bigint); INSERT INTO noise VALUES (1)')
      await came(await insert(database))
      expect(await relay.metric('outbox_relay_reconnects_total')).to.equal(reconnects)
    })

    it('publishes by scanning also where it may not replicate any more, and so not drop its slot', async () => {
      relay = start(database)
      await relay.saw('streaming')
      await database.pool.query(`ALTER ROLE ${database.name} NOREPLICATION`)
      await saw(relay, 'role-replication')
      await came(await insert(database))
      await database.pool.query(`ALTER ROLE ${database.name} REPLICATION`)
      await waitFor('the stream', async () => (await slotsOf(database)).some(({ active }) => active))
      await came(await insert(database))
    })

    it('says that a stranger reads its slot, and publishes by scanning until that has gone', async () => {
      const slot = await slotOf(database)
      await database.pool.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [slot])
      const stranger = new (clientOf({ url: database.url }, pg.Client))({
        application_name: 'stranger',
        replication: 'database',
      } as pg.ClientConfig)
      stranger.on('error', () => {})
      await stranger.connect()
      stranger
        .query(`START_REPLICATION SLOT ${slot} LOGICAL 0/0 (proto_version '1', publication_names 'outbox')`)
        .catch(() => {})
      await waitFor('a reader', async () => (await slotsOf(database)).some(({ active }) => active))
      relay = start(database)
      await saw(relay, 'slot-reader')
      await came(await insert(database))
      await database.pool.query(
        `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1`,
        [slot],
      )
      await relay.saw('streaming')
      await came(await insert(database))
    })

    it('drops the slot of a former name once nobody reads it, and no slot that is not its own', async () => {
      const former = `outbox_${database.name}`
      const [foreign, unknown] = [`foreign_${database.name}`, `unknown_${database.name}`]
      for (const name of [former, unknown])
        await database.pool.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [name])
      await other.pool.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [foreign])
      await database.pool.query('INSERT INTO outbox_slot VALUES ($1, true), ($2, true)', [former, foreign])
      relay = start(database)
      await relay.saw('dropped a slot of a former name')
      expect((await slotsOf(database)).map(({ name }) => name)).to.have.members([
        await slotOf(database),
        unknown,
      ])
      expect(await slotsOf(other)).to.have.length(1)
    })

    it('says that an outbox in partitions is no ordinary table', async () => {
      await database.pool.query(`
        ALTER TABLE outbox RENAME TO outbox_rows;
        ALTER PUBLICATION outbox DROP TABLE outbox_rows;
        CREATE TABLE outbox (LIKE outbox_rows) PARTITION BY RANGE (id);
        ALTER PUBLICATION outbox ADD TABLE outbox;
        ALTER TABLE outbox OWNER TO ${database.name}`)
      relay = start(database)
      await saw(relay, 'table-kind')
    })
  })
})

async function slotOf({ pool, name }: OutboxDatabase): Promise<string> {
  const { rows } = await pool.query<{ oid: string }>('SELECT oid::text FROM pg_database WHERE datname = $1', [
    name,
  ])
  return `outbox_${name}_${rows[0]?.oid}`
}

async function slotsOf({ pool, name }: OutboxDatabase): Promise<{ name: string; active: boolean }[]> {
  const { rows } = await pool.query<{ name: string; active: boolean }>(
    'SELECT slot_name::text AS name, active FROM pg_replication_slots WHERE database = $1',
    [name],
  )
  return rows
}
