/**
 * A server whose every default that changes how a value is written, read or locked, or who ends a session, is another than ours:
 * the servers of the integration and end-to-end tests have them, so whatever relies on a default fails there.
 *
 * Not among them: `default_transaction_read_only`, by which a database is held for a restore, and what only a superuser may
 * set again, since no connection could be defended against it.
 */
export const hostileSettings: Readonly<Record<string, string>> = {
  datestyle: 'SQL, DMY',
  intervalstyle: 'sql_standard',
  // Three quarters of an hour beside everybody, and it has a summer time.
  timezone: 'Pacific/Chatham',
  extra_float_digits: '-15',
  bytea_output: 'escape',
  xmlbinary: 'hex',
  xmloption: 'document',
  array_nulls: 'off',
  quote_all_identifiers: 'on',
  client_encoding: 'LATIN1',
  standard_conforming_strings: 'off',
  escape_string_warning: 'on',
  backslash_quote: 'off',
  transform_null_equals: 'on',
  search_path: 'pg_temp',
  check_function_bodies: 'off',
  row_security: 'off',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  synchronous_commit: 'off',
  statement_timeout: '20ms',
  lock_timeout: '1ms',
  idle_in_transaction_session_timeout: '20ms',
  idle_session_timeout: '1s',
  exit_on_error: 'on',
  client_min_messages: 'debug1',
}

/** Text is not in the order of its bytes there, as it is nowhere by default but in PostgreSQL's locale C. */
export const hostileCollation = 'en-US'
