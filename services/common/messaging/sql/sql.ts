/** Runs SQL in a transaction. */
export interface Sql {
  /**
   * Runs one statement and returns its rows.
   *
   * Placeholders are PostgreSQL's own (`$1`), and an array is one parameter (`unnest($1::uuid[])`), so that a
   * statement has one text whatever the number of rows. `int8` and `timestamptz` columns may come as text or not:
   * statements cast them.
   */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /**
   * Runs one statement that returns no rows. An adapter that has it saves a round trip: it may send the statement
   * together with the next one of the transaction, or with COMMIT, whose error then is that of `markEarlierWrite`. An
   * adapter that has it not runs the statement with `query`.
   */
  write?(text: string, values: readonly unknown[]): Promise<void>
}

export interface SqlTransactionOptions {
  /** READ COMMITTED unless given. */
  readonly isolationLevel?: 'read committed' | 'repeatable read' | 'serializable'
  readonly readOnly?: boolean
}

/** A database as messaging needs it: it runs transactions. `Tx` is what the caller uses in one. */
export interface SqlDatabase<Tx extends Sql = Sql> {
  /** Runs `fn` in one transaction and commits, or rolls back if it throws. It does not retry. */
  transaction<T>(fn: (tx: Tx) => Promise<T>, options?: SqlTransactionOptions): Promise<T>
}
