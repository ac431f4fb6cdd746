import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'
import type { TestSystem } from './shared-system.ts'

/**
 * Does something as the superuser, past the proxies of the fault tests, and whom no restore turns away; in the database of a
 * service if one is named.
 */
export async function asAdmin<T>(
  { addresses }: TestSystem,
  work: (admin: pg.Client) => Promise<T>,
  database = 'postgres',
): Promise<T> {
  const url = new URL(addresses.adminDatabaseUrl)
  url.pathname = `/${database}`
  const admin = new (clientOf({ url: url.href }, pg.Client))({
    connectionTimeoutMillis: 5_000,
    query_timeout: 60_000,
  })
  // A server that goes away is what the tests are about; the query tells of it.
  admin.on('error', () => {})
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end().catch(() => {})
  }
}
