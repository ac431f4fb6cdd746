import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'
import type { TestSystem } from './shared-system.ts'

/**
 * Does something as the superuser, who bypasses the proxies of the fault tests and is let in during a restore.
 * `database` may be that of a service.
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
  // Tests take the server down on purpose; then the query reports the error.
  admin.on('error', () => {})
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end().catch(() => {})
  }
}
