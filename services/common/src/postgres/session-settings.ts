/**
 * What every connection of ours relies on, whatever the server, the database or the role has as its default: each setting that
 * changes how a value is written or read, what a name means, which rows a transaction sees, what a commit promises, and
 * who ends a session. They are startup options, so they cost no round trip, and they win over `ALTER SYSTEM`,
 * `ALTER DATABASE … SET` and `ALTER ROLE … SET`. pg itself sets `client_encoding`.
 *
 * Left out on purpose: `default_transaction_read_only`, by which a restore keeps a database to itself (see
 * restore/hold-database.ts), and what only a superuser may set, such as `lc_messages`: nothing of ours reads a message.
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
  // The business tables, where new ones are made, and those of messaging.
  search_path: 'public,messaging',
  check_function_bodies: 'on',
  row_security: 'on',
  // What a transaction sees, and what its commit promises.
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  synchronous_commit: 'on',
  // Who ends a statement or a session: whoever opens the connection says so itself.
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  exit_on_error: 'off',
  client_min_messages: 'warning',
}

/** PostgreSQL 17 ends whole transactions as well; an older server refuses a connection that names the setting. */
const settingsSince17: Readonly<Record<string, string>> = { transaction_timeout: '0' }

/** The settings as startup options, for a server of this major version; 0 while it is not known. */
export function sessionOptions(serverVersion: number): string {
  return toOptions(serverVersion >= 17 ? { ...sessionSettings, ...settingsSince17 } : sessionSettings)
}

/** Settings in the form of the startup parameter `options`; of a setting that comes twice the later one counts. */
export function toOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ')
}
