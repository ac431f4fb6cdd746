/** Runs SQL: in the transaction that it stands for. */
export interface Sql {
  /**
   * Runs one statement and returns its rows.
   *
   * Placeholders are PostgreSQL's own (`$1`), and an array is one parameter (`unnest($1::uuid[])`): so a statement has one text
   * whatever the number of rows. `int8` and `timestamptz` columns may come as text or not: statements cast what they read.
   */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

export interface SqlTransactionOptions {
  /** READ COMMITTED unless given. */
  readonly isolationLevel?: 'read committed' | 'repeatable read' | 'serializable'
  readonly readOnly?: boolean
}

/** A database as far as messages need it: it runs transactions. `Tx` is what a transaction of the caller's is used by. */
export interface SqlDatabase<Tx extends Sql = Sql> {
  /** Runs `fn` in one transaction and commits, or rolls back what threw. Nothing is tried again here. */
  transaction<T>(fn: (tx: Tx) => Promise<T>, options?: SqlTransactionOptions): Promise<T>
}
