import { writeFile } from 'node:fs/promises'
import { describeServer } from '@boxoffice/common/doctor/describe-server.ts'
import { judgeServer } from '@boxoffice/common/doctor/judge-server.ts'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import { expect } from 'chai'
import pg from 'pg'
import { freePorts } from '../../../scripts/platform/ports.ts'
import { startPostgres } from '../../../scripts/platform/postgres.ts'
import { temporaryFolder } from '../../../scripts/platform/temporary-folder.ts'
import { blockers, type Obstacle, scanReasons, sentenceOf } from './obstacles.ts'
import { createOutboxDatabase, insertRows, type OutboxDatabase } from './testing/outbox-database.ts'
import { type RelayProcess, startRelay } from './testing/relay-process.ts'
import { createTestTopic, type TestTopic } from './testing/topic.ts'
import { waitFor } from './testing/wait-for.ts'

interface Case {
  readonly obstacle: Obstacle
  /** What the database's owner, or an administrator there, has done. */
  readonly impose: string
  /** What an operator does about it. */
  readonly mend: string
  /** How the slot of ours comes to be somebody else's: a statement in another database. */
  readonly elsewhere?: boolean
}

/** `$slot` is the name of the relay's slot, `$role` its role. */
const cases: readonly Case[] = [
  {
    obstacle: 'publication-missing',
    impose: 'DROP PUBLICATION outbox',
    mend: `CREATE PUBLICATION outbox FOR TABLE outbox WITH (publish = 'insert')`,
  },
  {
    obstacle: 'publication-table',
    impose: 'ALTER PUBLICATION outbox DROP TABLE outbox',
    mend: 'ALTER PUBLICATION outbox ADD TABLE outbox',
  },
  {
    obstacle: 'publication-inserts',
    impose: `ALTER PUBLICATION outbox SET (publish = 'truncate')`,
    mend: `ALTER PUBLICATION outbox SET (publish = 'insert')`,
  },
  {
    obstacle: 'publication-rows',
    impose: `ALTER PUBLICATION outbox SET TABLE outbox WHERE (topic = 'none')`,
    mend: 'ALTER PUBLICATION outbox SET TABLE outbox',
  },
  {
    obstacle: 'publication-columns',
    impose: 'ALTER PUBLICATION outbox SET TABLE outbox (id, topic)',
    mend: 'ALTER PUBLICATION outbox SET TABLE outbox',
  },
  {
    obstacle: 'role-replication',
    impose: 'ALTER ROLE $role NOREPLICATION',
    mend: 'ALTER ROLE $role REPLICATION',
  },
  {
    obstacle: 'slot-plugin',
    impose: `SELECT pg_create_logical_replication_slot('$slot', 'test_decoding')`,
    mend: `SELECT pg_drop_replication_slot('$slot')`,
  },
  {
    obstacle: 'slot-physical',
    impose: `SELECT pg_create_physical_replication_slot('$slot')`,
    mend: `SELECT pg_drop_replication_slot('$slot')`,
  },
  {
    obstacle: 'slot-two-phase',
    impose: `SELECT pg_create_logical_replication_slot('$slot', 'pgoutput', false, true)`,
    mend: `SELECT pg_drop_replication_slot('$slot')`,
  },
  {
    obstacle: 'slot-temporary',
    impose: `SELECT pg_create_logical_replication_slot('$slot', 'pgoutput', true)`,
    mend: `SELECT pg_drop_replication_slot('$slot')`,
  },
  {
    obstacle: 'slot-database',
    elsewhere: true,
    impose: `SELECT pg_create_logical_replication_slot('$slot', 'pgoutput')`,
    mend: `SELECT pg_drop_replication_slot('$slot')`,
  },
  {
    obstacle: 'table-missing',
    impose: 'ALTER TABLE outbox RENAME TO outbox_away',
    mend: 'ALTER TABLE outbox_away RENAME TO outbox',
  },
  {
    obstacle: 'table-columns',
    impose: 'ALTER TABLE outbox RENAME COLUMN headers TO head',
    mend: 'ALTER TABLE outbox RENAME COLUMN head TO headers',
  },
  {
    obstacle: 'table-rights',
    impose: 'ALTER TABLE outbox OWNER TO postgres; REVOKE ALL ON outbox FROM $role',
    mend: 'ALTER TABLE outbox OWNER TO $role; GRANT ALL ON outbox TO $role',
  },
  {
    obstacle: 'table-row-security',
    impose: 'ALTER TABLE outbox ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
    mend: 'ALTER TABLE outbox DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY',
  },
  {
    obstacle: 'table-undeletable',
    impose: 'ALTER TABLE outbox REPLICA IDENTITY NOTHING; CREATE PUBLICATION everything FOR TABLE outbox',
    mend: 'DROP PUBLICATION everything',
  },
  {
    obstacle: 'table-unlogged',
    impose: 'DROP PUBLICATION outbox; ALTER TABLE outbox SET UNLOGGED',
    mend: `ALTER TABLE outbox SET LOGGED; CREATE PUBLICATION outbox FOR TABLE outbox WITH (publish = 'insert')`,
  },
]

/** Those that need a server, a session or a table of their own, which have tests of their own below. */
const apart: readonly Obstacle[] = [
  'server-standby',
  'wal-level',
  'slot-reader',
  'slot-refused',
  'table-kind',
]

describe('a relay that cannot get at its rows as it should', function () {
  this.timeout(180_000)
  let topic: TestTopic
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
        await relay.saw('active')
        await came(early, await insert(database))
        expect(await obstacleMetric(relay, obstacle)).to.be.NaN
      })
    }

    it('notices while it streams, drops the slot that brings nothing, and publishes by scanning', async () => {
      relay = start(database)
      await relay.saw('active')
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
      await relay.saw('active')
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
      await relay.saw('active')
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

  describe('because of how its server is set', () => {
    for (const [settings, obstacle] of [
      [{ wal_level: 'replica' }, 'wal-level'],
      [{ wal_level: 'minimal', max_wal_senders: '0' }, 'wal-level'],
      [{ max_replication_slots: '0' }, 'slot-refused'],
      [{ max_wal_senders: '0' }, 'slot-refused'],
    ] as const) {
      it(`says ${obstacle} with ${JSON.stringify(settings)}, and publishes by scanning`, async () => {
        const { dir, remove } = await temporaryFolder()
        const [port = 0] = await freePorts(1)
        const folders = { dataDir: `${dir}/data`, logDir: `${dir}/logs` }
        const server = await startPostgres({ ...folders, port, disposable: true, settings })
        const database = await createOutboxDatabase(server.adminUrl)
        const relay = start(database)
        try {
          await saw(relay, obstacle)
          await came(await insert(database))
          await waitFor('the metric', async () => (await obstacleMetric(relay, obstacle)) === 1)
        } finally {
          await relay.end('SIGKILL')
          await database.drop()
          await server.stop()
          await remove()
        }
      })
    }
  })

  it('says that its server is a standby, as the doctor does, waits, and streams once that is promoted', async () => {
    const { dir, remove } = await temporaryFolder()
    const [port = 0] = await freePorts(1)
    const { adminUrl, server, stop } = await startPostgres({
      dataDir: `${dir}/data`,
      logDir: `${dir}/logs`,
      port,
    })
    const database = await createOutboxDatabase(adminUrl)
    const early = await insert(database)
    await server.stop()
    await writeFile(`${dir}/data/postgres/standby.signal`, '', { mode: 0o666 })
    await server.start()
    const relay = start(database)
    try {
      await saw(relay, 'server-standby')
      await waitFor('the metric', async () => (await obstacleMetric(relay, 'server-standby')) === 1)
      const described = await describeServer(async (sql) => (await database.pool.query(sql)).rows)
      expect(judgeServer(described).map(({ found }) => found)).to.include(
        'This PostgreSQL server is a standby.',
      )
      await database.pool.query('SELECT pg_promote()')
      await relay.saw('active')
      await came(early, await insert(database))
      expect(await obstacleMetric(relay, 'server-standby')).to.be.NaN
    } finally {
      await relay.end('SIGKILL')
      await database.drop()
      await stop()
      await remove()
    }
  })

  function start(database: OutboxDatabase): RelayProcess {
    return startRelay({ DATABASE_URL: database.url, OBSERVE_INTERVAL_MS: '200', SCAN_INTERVAL_MS: '100' })
  }

  async function saw(relay: RelayProcess, obstacle: Obstacle): Promise<void> {
    await waitFor(`${obstacle} in the log`, () =>
      relay.logged.some((line) => line.obstacle === obstacle && line.msg.endsWith(sentenceOf(obstacle))),
    )
  }

  let rows = 0
  async function insert({ pool }: OutboxDatabase): Promise<string> {
    const payload = `row ${++rows}`
    await insertRows(pool, [{ topic: topic.name, key: 'k', payload }])
    return payload
  }

  async function came(...payloads: readonly string[]): Promise<void> {
    for (const payload of payloads)
      await waitFor(payload, () => topic.records.some(({ value }) => value === payload))
  }
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

function obstacleMetric(relay: RelayProcess, obstacle: Obstacle): Promise<number> {
  return relay.metric('outbox_relay_obstacle', `reason="${obstacle}"`)
}
