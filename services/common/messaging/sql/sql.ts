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
   * Runs one statement that returns no rows. An adapter may keep it until the next statement of the transaction, or
   * until COMMIT, and send both together: that saves a round trip. It then keeps the order, forgets the statement at a
   * rollback, and marks its error with `markEarlierWrite`. Without this method, messaging uses `query`, which sends its
   * statement at once.
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
