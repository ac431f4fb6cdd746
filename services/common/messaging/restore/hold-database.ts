import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql, SqlDatabase } from '../sql/sql.ts'

/**
 * Keeps the database for the restore, from the commit on and whatever dies: for the service's role it is read-only by default
 * there, which the server tells every new connection, and CheckedClient keeps to that. No transaction has to look for it,
 * on any replica. A role may set this for itself, and an operator for a database that is not in its place yet.
 */
export async function holdDatabase(sql: Sql): Promise<void> {
  await sql.query(alterRole('SET default_transaction_read_only = on'))
}

/** Gives the database back, with the commit. Connections that were turned away end by themselves. */
export async function releaseDatabase(sql: Sql): Promise<void> {
  await sql.query(alterRole('RESET default_transaction_read_only'))
}

/**
 * Ends the sessions that were there before the database was held, whatever they are doing; they come back and are turned
 * away. Twice, as one that was just being opened may not have shown the first time.
 */
export async function endOtherSessions(database: SqlDatabase): Promise<void> {
  await database.transaction((sql) => sql.query(terminateOthers))
  await sleep(openingMs)
  await database.transaction((sql) => sql.query(terminateOthers))
}

const openingMs = 250

function alterRole(change: string): string {
  return `DO $do$ BEGIN
    EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I ${change}', current_database());
  END $do$`
}

const terminateOthers = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database()
    AND usename = current_user
    AND backend_type = 'client backend'
    AND application_name <> current_setting('application_name')`
