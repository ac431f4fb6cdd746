import { randomBytes } from 'node:crypto'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import { createMessagingTables } from '@boxoffice/common/postgres/messaging-tables.ts'
import type { OutboxNames } from '@boxoffice/messaging/sql'
import pg from 'pg'

export interface OutboxDatabase {
  /** Of the database's owner, who may log in and replicate and nothing else, as the services' roles. */
  readonly url: string
  readonly name: string
  /** Of a superuser, for what tests do beside the relay. */
  readonly pool: pg.Pool
  /** Drops it with its slots, also while sessions are connected. */
  drop(): Promise<void>
}

/** What the outbox of every test database is called, as by default. */
export const defaultNames: OutboxNames = { schema: 'public', table: 'outbox', publication: 'outbox' }

/**
 * Makes a database with the messaging tables, or what is given, and nothing else, on the server of TEST_POSTGRES_URL.
 */
export async function createOutboxDatabase(
  adminUrl = requiredUrl(),
  tables: readonly string[] = createMessagingTables,
): Promise<OutboxDatabase> {
  const name = `relay_${randomBytes(6).toString('hex')}`
  await execute(adminUrl, `CREATE ROLE ${name} LOGIN REPLICATION PASSWORD '${name}'`)
  await execute(adminUrl, `CREATE DATABASE ${name} OWNER ${name}`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  const pool = new pg.Pool({ Client: clientOf({ url: url.href }, pg.Client), max: 12 })
  pool.on('error', () => {})
  url.username = name
  url.password = name
  for (const statement of tables) await execute(url.href, statement)
  return {
    url: url.href,
    name,
    pool,
    async drop() {
      await pool.end()
      const admin = new (clientOf({ url: adminUrl }, pg.Client))()
      await admin.connect()
      try {
        await admin.query(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
          [name],
        )
        for (let left = 1; left > 0; ) {
          const { rows } = await admin.query<{ slot_name: string; active: boolean }>(
            'SELECT slot_name, active FROM pg_replication_slots WHERE database = $1',
            [name],
          )
          for (const slot of rows) {
            if (!slot.active) await admin.query('SELECT pg_drop_replication_slot($1)', [slot.slot_name])
          }
          left = rows.length
        }
        await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
        await admin.query(`DROP ROLE ${name}`)
      } finally {
        await admin.end()
      }
    },
  }
}

export interface TestRow {
  readonly topic: string
  readonly key?: string | null
  readonly payload: string | Buffer | null
  readonly headers?: Record<string, unknown>
}

/** Inserts rows in one transaction, as `appendToOutbox` does. Returns their ids. */
export async function insertRows(pool: pg.Pool, rows: readonly TestRow[]): Promise<string[]> {
  const result = await pool.query<{ id: string }>(
    `INSERT INTO outbox (message_id, topic, key, type, payload, headers)
     SELECT gen_random_uuid(), topic, key, 'test.v1.Message', payload, headers
     FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::jsonb[]) WITH ORDINALITY AS r (topic, key, payload, headers, n)
     ORDER BY n RETURNING id`,
    [
      rows.map((row) => row.topic),
      rows.map((row) => (row.key == null ? null : Buffer.from(row.key))),
      rows.map((row) => (row.payload === null ? null : Buffer.from(row.payload as string))),
      rows.map((row) => JSON.stringify(row.headers ?? {})),
    ],
  )
  return result.rows.map((row) => row.id)
}

export async function countRows(pool: pg.Pool, table = 'outbox'): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`)
  return rows[0]?.count ?? 0
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new (clientOf({ url }, pg.Client))()
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

function requiredUrl(): string {
  const url = process.env.TEST_POSTGRES_URL
  if (!url) throw new Error('TEST_POSTGRES_URL is not set: run the tests with the platform (npm test)')
  return url
}
