import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql, SqlDatabase } from '../sql/sql.ts'

/**
 * Keeps the database for the restore, from the commit on and whichever process dies. The database becomes read-only
 * by default for the service's role. CheckedClient obeys that, as the server reports it to every new connection, and
 * createPgDatabase reads it as each transaction begins. An adapter for another library only gets the server's refusal
 * to write. A role may set this for itself, and an operator for a database that is not in its place yet.
 */
export async function holdDatabase(sql: Sql): Promise<void> {
  await sql.query(alterRole('SET default_transaction_read_only = on'))
}

/** Gives the database back with the commit. Connections that were refused end by themselves. */
export async function releaseDatabase(sql: Sql): Promise<void> {
  await sql.query(alterRole('RESET default_transaction_read_only'))
}

/**
 * Ends the sessions that were open before the database was held, whatever they are doing; they come back and are
 * refused. Does so twice, as the first look may miss a session that is just being opened.
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
