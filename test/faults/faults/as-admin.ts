import pg from 'pg'
import type { World } from '../world.ts'

/** Does something as the superuser, past the proxies; in the database of a service if one is named. */
export async function asAdmin<T>(
  { system }: World,
  work: (admin: pg.Client) => Promise<T>,
  database = 'postgres',
): Promise<T> {
  const url = new URL(system.addresses.adminDatabaseUrl)
  url.pathname = `/${database}`
  const admin = new pg.Client({
    connectionString: url.href,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  })
  // A server that goes away is what happens here; the query tells of it.
  admin.on('error', () => {})
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end().catch(() => {})
  }
}
