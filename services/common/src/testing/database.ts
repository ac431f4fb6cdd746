import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { clientOf } from '../postgres/connection.ts'
import { type Database, type DatabaseOptions, openDatabase } from '../postgres/database.ts'
import type { Rights } from '../postgres/rights.ts'
import { createLog } from '../telemetry/log.ts'

export interface TestDatabase {
  readonly database: Database
  /** The URL of a superuser, for anything else that connects to the database. */
  readonly url: string
  /** If the database was created with rights: the URLs of the role with these rights and of a relay's role. */
  readonly lesserUrls: { readonly service: string; readonly relay: string } | undefined
  /** Opens the same database as the service's role; close it before the drop. @throws Error without such rights */
  asService(): Promise<Database>
  /** Closes and drops the database. @throws Error if a connection of the test was left open */
  drop(): Promise<void>
}

export type TestDatabaseOptions = Pick<DatabaseOptions, 'migrations' | 'entities'> &
  Partial<DatabaseOptions> & {
    /** Creates a role with these rights and no others, and a role with a relay's rights. */
    readonly rights?: Rights
  }

/**
 * Creates a fresh database on the server of TEST_POSTGRES_URL, and migrates it if it has migrations. Use one for each
 * test file: create it in `before`, drop it in `after`.
 */
export async function createTestDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  const adminUrl = process.env.TEST_POSTGRES_URL
  if (!adminUrl) throw new Error('TEST_POSTGRES_URL is not set: run the tests with the platform (npm test)')
  const name = `test_${randomBytes(8).toString('hex')}`
  await asAdmin(adminUrl, (client) => client.query(`CREATE DATABASE ${name}`))
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  const { rights } = options
  const [serviceRole, relayRole] = [`${name}_service`, `${name}_relay`]
  const drop = (): Promise<unknown> =>
    asAdmin(adminUrl, async (client) => {
      await client.query(`DROP DATABASE ${name} WITH (FORCE)`)
      await client.query(`DROP ROLE IF EXISTS ${serviceRole}, ${relayRole}`)
    })
  const open = (roleUrl: string): Promise<Database> =>
    openDatabase({
      poolSize: 10,
      applicationName: name,
      log: createLog({ service: 'test', level: 'error' }),
      ...options,
      url: roleUrl,
    })
  try {
    const database = await open(url.href)
    if (rights !== undefined) await asAdmin(adminUrl, (client) => makeRoles(client, [serviceRole, relayRole]))
    if (options.migrations.length > 0)
      await database.migrate(rights === undefined ? {} : { serviceRole, relayRole, rights })
    const lesserUrls =
      rights === undefined ? undefined : { service: as(url, serviceRole), relay: as(url, relayRole) }
    return {
      database,
      url: url.href,
      lesserUrls,
      async asService() {
        if (lesserUrls === undefined) throw new Error('this database was made without rights of a service')
        return await open(lesserUrls.service)
      },
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

/** Creates roles with their names as passwords: the server listens on this machine only, and the drop removes them. */
async function makeRoles(client: pg.Client, roles: readonly string[]): Promise<void> {
  for (const role of roles) await client.query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`)
}

function as(url: URL, role: string): string {
  const lesser = new URL(url)
  lesser.username = role
  lesser.password = role
  return lesser.href
}

/** A pool ends only when every connection has been returned, so a leaked one makes the close hang. */
async function closeInTime(database: Database): Promise<void> {
  const deadlineMs = 2_000
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, deadlineMs)
  })
  await Promise.race([database.close(), late])
  clearTimeout(timer)
}

/** The sessions of a database. A session that has just been closed gets a moment to end. */
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
  const client = new (clientOf({ url }, pg.Client))()
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
