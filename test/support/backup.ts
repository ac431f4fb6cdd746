import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import type { ServiceName } from '../../scripts/platform/databases.ts'
import { asAdmin } from './as-admin.ts'
import type { TestSystem } from './shared-system.ts'
import { sql } from './sql.ts'
import { waitUntil } from './wait-until.ts'

/** A copy of a service's database. */
export interface Backup {
  readonly service: ServiceName
  /** The name of the database that holds the copy. */
  readonly database: string
  readonly takenAt: Date
}

/** Copies a service's database as it is now; its sessions are ended for that. */
export async function takeBackup(system: TestSystem, service: ServiceName): Promise<Backup> {
  const database = `${service}_backup_${randomBytes(4).toString('hex')}`
  const takenAt = await asAdmin(system, async (admin) => {
    const { rows } = await admin.query<{ now: Date }>('SELECT clock_timestamp() AS now')
    const { owner } = await describeDatabase(admin, service)
    await whileClosed(admin, service, () =>
      admin.query(`CREATE DATABASE ${database} TEMPLATE ${service} OWNER ${owner}`),
    )
    return rows[0]?.now ?? new Date()
  })
  return { service, database, takenAt }
}

/** Waits until a service's relays have published all that it has committed. */
export async function outboxPublished(system: TestSystem, service: ServiceName): Promise<void> {
  await waitUntil(`the outbox of ${service} is published`, async () => {
    const [row] = await sql<{ rows: number }>(system, service, 'SELECT count(*)::int AS rows FROM outbox')
    return row?.rows === 0
  })
}

/**
 * Replaces a service's database with its backup, as an operator would: no role gets in before the service is restored.
 *
 * @param onStill - called when the service is paused, before its database is replaced; by default it waits until
 *   everything the
 *   service has committed is published, as it would be lost otherwise
 */
export async function putBack(
  system: TestSystem,
  { service, database }: Backup,
  onStill: () => Promise<void> = () => outboxPublished(system, service),
): Promise<void> {
  const lost = `${database}_lost`
  const replicas = [...system.processes].filter(
    ([name]) => name === service || name.startsWith(`${service}-`),
  )
  for (const [, replica] of replicas) replica.kill('SIGSTOP')
  try {
    await onStill()
    await asAdmin(system, async (admin) => {
      await admin.query(
        `ALTER ROLE ${service} IN DATABASE ${database} SET default_transaction_read_only = on`,
      )
      const { isOpen } = await describeDatabase(admin, service)
      if (!isOpen) await admin.query(`REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`)
      await whileClosed(admin, service, async () => {
        await dropSlots(admin, service)
        await admin.query(`ALTER DATABASE ${service} RENAME TO ${lost}`)
        await admin.query(`ALTER DATABASE ${database} RENAME TO ${service}`)
      })
    })
  } finally {
    for (const [, replica] of replicas) replica.kill('SIGCONT')
  }
  // Only after the replicas go on: DROP DATABASE waits for every backend. The backend of a replica that was paused
  // while it logged in answers only after a minute, when authentication_timeout ends it.
  await asAdmin(system, (admin) => admin.query(`DROP DATABASE ${lost} WITH (FORCE)`))
}

/**
 * A database's owner, and whether every role may connect to it, as in systems where only pg_hba.conf restricts access.
 * A copy does not inherit its rights.
 */
async function describeDatabase(
  admin: pg.Client,
  database: string,
): Promise<{ readonly owner: string; readonly isOpen: boolean }> {
  const { rows } = await admin.query<{ owner: string; isOpen: boolean }>(
    `SELECT pg_get_userbyid(datdba) AS owner, datacl IS NULL AS "isOpen" FROM pg_database WHERE datname = $1`,
    [database],
  )
  if (rows[0] === undefined) throw new Error(`there is no database ${database}`)
  return rows[0]
}

/**
 * Ends all sessions of a database, does something that needs a database without sessions, and allows connections
 * again.
 */
async function whileClosed(admin: pg.Client, database: string, work: () => Promise<unknown>): Promise<void> {
  const allow = (name: string, allowed: boolean): Promise<unknown> =>
    admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS ${allowed}`)
  await allow(database, false)
  try {
    await untilAlone(admin, database)
    await work()
  } finally {
    await allow(database, true)
  }
}

async function untilAlone(admin: pg.Client, database: string): Promise<void> {
  await waitUntil(`${database} has no sessions`, async () => {
    const { rowCount } = await admin.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
      [database],
    )
    return rowCount === 0
  })
}

/** Drops the replication slots of a database. A relay creates its slot again. */
async function dropSlots(admin: pg.Client, database: string): Promise<void> {
  const { rows } = await admin.query<{ slot_name: string }>(
    'SELECT slot_name FROM pg_replication_slots WHERE database = $1',
    [database],
  )
  for (const { slot_name: slot } of rows) await admin.query('SELECT pg_drop_replication_slot($1)', [slot])
}
