import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'

export const serviceNames = ['payment', 'point', 'reservation'] as const
export type ServiceName = (typeof serviceNames)[number]

/** The owners of databases: the services, and the console, which stores what it has read from them. */
export const databaseNames = [...serviceNames, 'console'] as const
export type DatabaseName = (typeof databaseNames)[number]

/**
 * Creates missing databases, each with a role of the same name. The role owns its database, and may log in and
 * replicate (its relay reads the WAL), but nothing else.
 *
 * @returns the connection URL of each
 */
export async function createDatabases(adminUrl: string): Promise<Record<DatabaseName, string>> {
  const client = new (clientOf({ url: adminUrl }, pg.Client))()
  await client.connect()
  try {
    for (const name of databaseNames) await createDatabase(client, name)
  } finally {
    await client.end()
  }
  return Object.fromEntries(databaseNames.map((name) => [name, databaseUrl(adminUrl, name)])) as Record<
    DatabaseName,
    string
  >
}

async function createDatabase(client: pg.Client, name: DatabaseName): Promise<void> {
  const role = await client.query('select 1 from pg_roles where rolname = $1', [name])
  if (role.rowCount === 0) await client.query(`create role ${name}`)
  // The password is the name: the server listens on this machine only.
  await client.query(`alter role ${name} login replication password '${name}'`)
  const database = await client.query('select 1 from pg_database where datname = $1', [name])
  if (database.rowCount === 0) await client.query(`create database ${name} owner ${name}`)
  await client.query(`revoke connect on database ${name} from public`)
}

function databaseUrl(adminUrl: string, name: DatabaseName): string {
  const url = new URL(adminUrl)
  url.username = name
  url.password = name
  url.pathname = `/${name}`
  return url.href
}
