import { clientOf, type DatabaseAddress } from '@boxoffice/common/postgres/connection.ts'
import { toOptions } from '@boxoffice/common/postgres/session-settings.ts'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import { type OutboxNames, type OutboxTables, outboxTables } from '@boxoffice/messaging/sql'
import pg from 'pg'

/** The relay's ordinary connections, and the names of its tables. */
export type Database = pg.Pool & { readonly names: OutboxNames; readonly tables: OutboxTables }

export interface DatabaseOptions extends DatabaseAddress {
  readonly applicationName: string
  readonly names: OutboxNames
  readonly log: Logger
}

/** Opens at most three connections: when they are needed, and again after a failure. */
export function openDatabase({ applicationName, names, log, ...address }: DatabaseOptions): Database {
  const database = new pg.Pool({
    Client: clientOf(address, pg.Client),
    application_name: applicationName,
    max: 3,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    query_timeout: 30_000,
    keepAlive: true,
    // A deletion that a crash of PostgreSQL undoes only repeats a message: it is not worth an fsync. The connections
    // can write even while a restore holds the database, because committed messages are published then too.
    options: toOptions({
      synchronous_commit: 'off',
      lock_timeout: '10s',
      statement_timeout: '25s',
      default_transaction_read_only: 'off',
    }),
  })
  // A broken connection fails the query that uses it. Without a listener its event would end the process.
  database.on('connect', (client) => {
    client.on('error', (err) => log.debug({ err }, 'a database connection broke'))
  })
  database.on('error', () => undefined)
  return Object.assign(database, { names, tables: outboxTables(names) })
}

/** PostgreSQL's five-letter code of an error, or undefined if it is not one of PostgreSQL's. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}
