import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { type Database, type DatabaseOptions, openDatabase } from '../postgres/database.ts'
import { createLog } from '../telemetry/log.ts'

export interface TestDatabase {
  readonly database: Database
  /** Of a superuser, for whatever else connects to it. */
  readonly url: string
  /** Closes and drops it. @throws Error if a connection of the test's application name was left behind */
  drop(): Promise<void>
}

/**
 * Makes a fresh database, migrated, on the server of TEST_POSTGRES_URL. One per test file: make it in `before`, drop it
 * in `after`.
 */
export async function createTestDatabase(
  options: Pick<DatabaseOptions, 'migrations' | 'entities'> & Partial<DatabaseOptions>,
): Promise<TestDatabase> {
  const adminUrl = process.env.TEST_POSTGRES_URL
  if (!adminUrl) throw new Error('TEST_POSTGRES_URL is not set: run the tests with the platform (npm test)')
  const name = `test_${randomBytes(8).toString('hex')}`
  await asAdmin(adminUrl, (client) => client.query(`CREATE DATABASE ${name}`))
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  const drop = (): Promise<unknown> =>
    asAdmin(adminUrl, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`))
  try {
    const database = await openDatabase({
      poolSize: 10,
      applicationName: name,
      log: createLog({ service: 'test', level: 'error' }),
      ...options,
      url: url.href,
    })
    await database.migrate()
    return {
      database,
      url: url.href,
      async drop() {
        await closeInTime(database)
        const left = await asAdmin(adminUrl, (client) => connectionsTo(client, name))
        await drop()
        if (left.length > 0) throw new Error(`connections were left behind: ${left.join('; ')}`)
      },
    }
  } catch (error) {
    await drop()
    throw error
  }
}

/** A pool only ends when every connection has been given back, so one that was leaked shows as a close that hangs. */
async function closeInTime(database: Database): Promise<void> {
  const deadlineMs = 2_000
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, deadlineMs)
  })
  await Promise.race([database.close(), late])
  clearTimeout(timer)
}

/** The sessions of a database; one that has just been closed is given a moment to go. */
async function connectionsTo(client: pg.Client, database: string): Promise<string[]> {
  const deadline = Date.now() + 1_000
  while (true) {
    const { rows } = await client.query<{ session: string }>(
      `SELECT format('%s (%s): %s', application_name, state, left(query, 120)) AS session
       FROM pg_stat_activity WHERE datname = $1 AND backend_type IN ('client backend', 'walsender')`,
      [database],
    )
    if (rows.length === 0 || Date.now() > deadline) return rows.map((row) => row.session)
    await new Promise((wake) => setTimeout(wake, 20))
  }
}

async function asAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
