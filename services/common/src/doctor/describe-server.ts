/** A PostgreSQL server and the role of the session, as the server describes them. */
export interface ServerDescription {
  /** As an integer, such as 180001. */
  readonly versionNumber: number
  readonly version: string
  readonly inRecovery: boolean
  readonly readOnly: string
  readonly walLevel: string
  readonly fsync: string
  readonly fullPageWrites: string
  /** The encoding of the session's database. */
  readonly encoding: string
  readonly slotsMax: number
  /** The slots of all owners, including ours. */
  readonly slots: number
  readonly ourSlots: number
  readonly sendersMax: number
  readonly senders: number
  readonly ourSenders: number
  /** The part of `max_connections` that roles without superuser rights may use; our own connections count as free. */
  readonly connectionsFree: number
  readonly role: string
  readonly superuser: boolean
}

/** Runs one statement and returns its rows. */
export type Ask = <Row>(sql: string) => Promise<Row[]>

export async function describeServer(ask: Ask): Promise<ServerDescription> {
  const [server] = await ask<ServerDescription>(statement)
  if (server === undefined) throw new Error('the server answered without a row')
  return server
}

// A relay's slot is outbox_<service>_<oid of its database>, and its sessions are outbox-relay-<service>. A service's
// sessions have its name. The setting that closes a database is read from its source, as each of our sessions
// overrides it.
const statement = `
  SELECT current_setting('server_version_num')::int AS "versionNumber", current_setting('server_version') AS version,
    pg_is_in_recovery() AS "inRecovery",
    (SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_read_only') AS "readOnly",
    current_setting('wal_level') AS "walLevel", current_setting('fsync') AS fsync,
    current_setting('full_page_writes') AS "fullPageWrites",
    (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()) AS encoding,
    current_setting('max_replication_slots')::int AS "slotsMax",
    (SELECT count(*)::int FROM pg_replication_slots) AS slots,
    (SELECT count(*)::int FROM pg_replication_slots WHERE slot_name LIKE 'outbox\\_%') AS "ourSlots",
    current_setting('max_wal_senders')::int AS "sendersMax",
    (SELECT count(*)::int FROM pg_stat_replication) AS senders,
    (SELECT count(*)::int FROM pg_stat_replication WHERE application_name LIKE 'outbox-relay-%') AS "ourSenders",
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
      - (SELECT count(*)::int FROM pg_stat_activity
         WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
           AND application_name NOT IN ('payment', 'point', 'reservation', 'console')
           AND application_name NOT LIKE 'outbox-relay-%') AS "connectionsFree",
    current_user::text AS role,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser`
