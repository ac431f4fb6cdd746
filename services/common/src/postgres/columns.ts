/** The columns in which many rows are passed to a statement: one array for each column, with its name and type. */
export interface Columns<Row> {
  /** The names as a list: `payment_id, user_id`. */
  readonly names: string
  readonly count: number
  /**
   * The rows as SQL, to be read FROM: `unnest($1::uuid[], $2::text[]) AS alias (payment_id, user_id)`.
   *
   * @param firstParameter - the number of the first column's parameter
   * @param withOrdinality - adds the rows' positions as the column `nth`, from 1
   */
  unnest(alias: string, firstParameter?: number, withOrdinality?: 'nth'): string
  /** The parameters, in the order of the columns. */
  values(rows: readonly Row[]): unknown[][]
}

/**
 * Declares columns by name, each with its PostgreSQL type and its value of a row, so that no value lands in another
 * column.
 *
 * @example
 * const loan = columns<Loan>({ loan_id: ['uuid', ({ loanId }) => loanId], user_id: ['text', ({ userId }) => userId] })
 * await query(em, `INSERT INTO loan (${loan.names}) SELECT * FROM ${loan.unnest('loan')}`, loan.values(loans))
 */
export function columns<Row>(
  declared: Readonly<Record<string, readonly [type: string, read: (row: Row) => unknown]>>,
): Columns<Row> {
  const names = Object.keys(declared).join(', ')
  const parts = Object.values(declared)
  return {
    names,
    count: parts.length,
    unnest(alias, firstParameter = 1, withOrdinality) {
      const parameters = parts.map(([type], nth) => `$${firstParameter + nth}::${type}[]`).join(', ')
      return withOrdinality === undefined
        ? `unnest(${parameters}) AS ${alias} (${names})`
        : `unnest(${parameters}) WITH ORDINALITY AS ${alias} (${names}, ${withOrdinality})`
    },
    values: (rows) => parts.map(([, read]) => rows.map(read)),
  }
}
