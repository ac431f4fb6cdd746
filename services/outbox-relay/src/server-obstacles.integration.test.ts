import { writeFile } from 'node:fs/promises'
import { describeServer } from '@boxoffice/common/doctor/describe-server.ts'
import { judgeServer } from '@boxoffice/common/doctor/judge-server.ts'
import { expect } from 'chai'
import { freePorts } from '../../../scripts/platform/ports.ts'
import { startPostgres } from '../../../scripts/platform/postgres.ts'
import { temporaryFolder } from '../../../scripts/platform/temporary-folder.ts'
import { obstacleMetric, obstructedRelays } from './testing/obstructed-relays.ts'
import { createOutboxDatabase } from './testing/outbox-database.ts'
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
      await relay.saw('streaming')
      await came(early, await insert(database))
      expect(await obstacleMetric(relay, 'server-standby')).to.be.NaN
    } finally {
      await relay.end('SIGKILL')
      await database.drop()
      await stop()
      await remove()
    }
  })
})
