/**
 * Settings in which every default differs that changes how a value is written, read or locked, or what ends a session.
 * The servers of the integration and end-to-end tests have them, so code that relies on a default fails there.
 *
 * Left out: `default_transaction_read_only`, with which a restore holds a database, and settings that only a superuser
 * may change back, since no connection could defend itself against them.
 */
export const hostileSettings: Readonly<Record<string, string>> = {
  datestyle: 'SQL, DMY',
  intervalstyle: 'sql_standard',
  // A zone with an offset of three quarters of an hour and with summer time.
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

/** This collation does not order text by its bytes. By default only PostgreSQL's locale C does that. */
export const hostileCollation = 'en-US'
