/**
 * A restore has made the database read-only by default, to keep other processes out of it (see
 * restore/hold-database.ts). What is in it may be out of date, so nothing is read either. A retry helps once the restore
 * is done, on a new connection.
 */
export class DatabaseHeldError extends Error {
  override readonly name = 'DatabaseHeldError'
  readonly code = 'DATABASE_HELD'

  constructor() {
    super('the database is being restored: nothing in it can be relied on yet')
  }
}
