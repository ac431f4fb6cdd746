import { isAway, isTransient } from '@boxoffice/messaging/sql'
import { expect } from 'chai'
import pg from 'pg'
import { createLog } from '../telemetry/log.ts'
import { createTestDatabase, type TestDatabase } from '../testing/database.ts'
import { hostileSettings } from '../testing/hostile-settings.ts'
import { clientOf } from './connection.ts'
import { type Database, openDatabase } from './database.ts'
import { query } from './query.ts'
import { sessionSettings, toOptions } from './session-settings.ts'

/** The settings that a service's pool adds to the common ones. */
const poolSettings = {
  statement_timeout: '15000',
  lock_timeout: '5000',
  idle_in_transaction_session_timeout: '10000',
}

describe('the settings of a connection', () => {
  let test: TestDatabase
  let name: string
  let database: Database
  before(async () => {
    test = await createTestDatabase({ entities: [], migrations: [] })
    name = new URL(test.url).pathname.slice(1)
    for (const [setting, value] of Object.entries(hostileSettings)) {
      for (const place of [`DATABASE ${name}`, `ROLE postgres IN DATABASE ${name}`])
        await query(
          test.database.em(),
          `ALTER ${place} SET ${setting} = '${value}'`.replace("'SQL, DMY'", 'SQL, DMY'),
        )
    }
    database = await open(test.url)
  })
  after(async () => {
    await database.close()
    await test.drop()
  })

  it('are ours, whatever the defaults of the server, the database and the role are', async () => {
    const names = Object.keys(sessionSettings)
    const rows = await query<{ name: string; setting: string }>(
      database.em(),
      'SELECT name, setting FROM pg_settings WHERE name = ANY ($1::text[])',
      [names],
    )
    const found = Object.fromEntries(rows.map((row) => [row.name, row.setting]))
    expect(found).to.deep.equal({ ...sessionSettings, DateStyle: 'ISO, MDY', ...poolSettings })
  })

  it('cover every default that the test servers change', () => {
    const ours = Object.keys(sessionSettings).map((setting) => setting.toLowerCase())
    // pg itself sets the first one, and the second one only warns.
    expect(ours).to.include.members(
      Object.keys(hostileSettings).filter(
        (setting) => !['client_encoding', 'escape_string_warning'].includes(setting),
      ),
    )
  })

  it('end no transaction early, from the second connection on: the first learns the version of the server', async () => {
    await query(test.database.em(), `ALTER DATABASE ${name} SET transaction_timeout = '50ms'`)
    const hasty = await open(test.url)
    try {
      const sleepLong = (): Promise<unknown> => query(hasty.em(), 'SELECT pg_sleep(0.2)')
      const failures: unknown[] = []
      // The pool may lend the ended connection once more before it notices that it has ended.
      for (let done = false; !done && failures.length < 5; )
        done = await sleepLong().then(
          () => true,
          (error: unknown) => failures.push(error) < 0,
        )
      expect(failures.length).to.be.within(1, 4)
      expect(failures.map(isTransient)).to.deep.equal(failures.map(() => true))
    } finally {
      await hasty.close()
      await query(test.database.em(), `ALTER DATABASE ${name} RESET transaction_timeout`)
    }
  })

  it('commit to the disk, read committed rows, and read times unchanged', async () => {
    const [row] = await database.transaction((em) =>
      query(
        em,
        `SELECT current_setting('transaction_isolation') AS isolation, current_setting('synchronous_commit') AS commit,
          timestamptz '2026-02-03 04:05:06+00' AS time, '\\x00ff'::bytea AS bytes, 0.1::float8 + 0.2::float8 AS sum`,
      ),
    )
    expect(row).to.deep.equal({
      isolation: 'read committed',
      commit: 'on',
      time: '2026-02-03 04:05:06+00',
      bytes: Buffer.from([0, 255]),
      sum: 0.1 + 0.2,
    })
  })

  it('win over those of the URL, and lose to those of the client', async () => {
    const url = new URL(test.url)
    url.searchParams.set('options', '-c TimeZone=Asia/Tokyo -c work_mem=5MB')
    const client = new (clientOf({ url: url.href }, pg.Client))({
      options: toOptions({ TimeZone: 'Asia/Kabul' }),
    })
    await client.connect()
    try {
      const { rows } = await client.query(
        `SELECT current_setting('TimeZone') AS zone, current_setting('work_mem') AS memory, current_setting('DateStyle') AS style`,
      )
      expect(rows).to.deep.equal([{ zone: 'Asia/Kabul', memory: '5MB', style: 'ISO, MDY' }])
    } finally {
      await client.end()
    }
  })

  it('do not change that a refused connection means a database that is away', async () => {
    const url = new URL(test.url)
    url.pathname = `/${name}_gone`
    const gone = await open(url.href)
    const failure = await query(gone.em(), 'SELECT 1').catch((error: unknown) => error)
    await gone.close()
    expect(isAway(failure)).to.equal(true)
  })
})

function open(url: string): Promise<Database> {
  return openDatabase({
    url,
    entities: [],
    migrations: [],
    poolSize: 2,
    applicationName: 'settings',
    log: createLog({ service: 'test', level: 'silent' }),
  })
}
