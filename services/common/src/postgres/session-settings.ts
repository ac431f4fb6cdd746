/**
 * The settings that every connection of ours relies on, whatever the defaults of the server, the database or the role
 * are: each setting that changes how a value is written or read, what a name means, which rows a transaction sees,
 * what a commit promises, and what ends a session. They are startup options: they cost no round trip, and they win
 * over `ALTER SYSTEM`, `ALTER DATABASE … SET` and `ALTER ROLE … SET`. pg itself sets `client_encoding`.
 *
 * Left out on purpose: `default_transaction_read_only`, with which a restore keeps a database to itself (see
 * restore/hold-database.ts), and settings that only a superuser may change, such as `lc_messages`: no code of ours
 * reads a message.
 */
export const sessionSettings: Readonly<Record<string, string>> = {
  // How values are written and read.
  DateStyle: 'ISO,MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmlbinary: 'base64',
  xmloption: 'content',
  array_nulls: 'on',
  quote_all_identifiers: 'off',
  // How statements are read.
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  transform_null_equals: 'off',
  // The schema of the business tables, where new tables are created, and that of messaging.
  search_path: 'public,messaging',
  check_function_bodies: 'on',
  row_security: 'on',
  // Which rows a transaction sees, and what its commit promises.
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  synchronous_commit: 'on',
  // What ends a statement or a session: the opener of the connection sets its own limits.
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  exit_on_error: 'off',
  client_min_messages: 'warning',
}

/** PostgreSQL 17 can end whole transactions too. An older server refuses a connection that names the setting. */
const settingsSince17: Readonly<Record<string, string>> = { transaction_timeout: '0' }

/** The settings as startup options for a server of this major version; 0 if it is not known. */
export function sessionOptions(serverVersion: number): string {
  return toOptions(serverVersion >= 17 ? { ...sessionSettings, ...settingsSince17 } : sessionSettings)
}

/** Writes settings in the form of the startup parameter `options`. The later one of two equal settings counts. */
export function toOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ')
}
