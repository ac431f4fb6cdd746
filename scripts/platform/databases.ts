import pg from 'pg'

export const serviceNames = ['payment', 'point', 'reservation'] as const
export type ServiceName = (typeof serviceNames)[number]

/**
 * Makes one database and one role of the same name per service, where they are missing. The role owns its database,
 * may log in and replicate (its relay reads the WAL), and nothing else.
 *
 * @returns the connection URL of each service
 */
export async function createDatabases(adminUrl: string): Promise<Record<ServiceName, string>> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    for (const name of serviceNames) await createDatabase(client, name)
  } finally {
    await client.end()
  }
  return Object.fromEntries(serviceNames.map((name) => [name, serviceUrl(adminUrl, name)])) as Record<
    ServiceName,
    string
  >
}

async function createDatabase(client: pg.Client, name: ServiceName): Promise<void> {
  const role = await client.query('select 1 from pg_roles where rolname = $1', [name])
  if (role.rowCount === 0) await client.query(`create role ${name}`)
  // The password is the name: the server listens on this machine only.
  await client.query(`alter role ${name} login replication password '${name}'`)
  const database = await client.query('select 1 from pg_database where datname = $1', [name])
  if (database.rowCount === 0) await client.query(`create database ${name} owner ${name}`)
  await client.query(`revoke connect on database ${name} from public`)
}

function serviceUrl(adminUrl: string, name: ServiceName): string {
  const url = new URL(adminUrl)
  url.username = name
  url.password = name
  url.pathname = `/${name}`
  return url.href
}
