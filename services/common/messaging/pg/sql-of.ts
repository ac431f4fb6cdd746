import type pg from 'pg'
import type { Sql } from '../sql/sql.ts'

/** The client is in no transaction: what it writes would stay, whatever becomes of the rest of the work. */
class NoTransactionError extends Error {
  override readonly name = 'NoTransactionError'
  readonly code = 'NO_TRANSACTION'

  constructor() {
    super('this client is in no transaction: BEGIN first, or use createPgDatabase(pool).transaction')
  }
}

/**
 * A connection of pg as the Sql of a transaction that the service has begun itself, for `appendToOutbox` in it.
 *
 * @example
 * await client.query('BEGIN')
 * await appendToOutbox(sqlOf(client), messages)
 * await client.query('COMMIT')
 */
export function sqlOf(client: pg.ClientBase): Sql {
  return {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      // Absent in pg before 8.19.
      if (client.getTransactionStatus?.() === 'I') throw new NoTransactionError()
      const { rows } = await client.query(text, [...values])
      return rows as Row[]
    },
  }
}
