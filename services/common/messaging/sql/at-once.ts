import type { Sql } from './sql.ts'

/** The same transaction, in which each statement is sent at once, so that its error comes from itself. */
export function atOnce(sql: Sql): Sql {
  return { query: (text, values) => sql.query(text, values) }
}
