import type { EntityManager } from '@mikro-orm/postgresql'
import { CompiledQuery } from 'kysely'
import { markWrite, prepare } from './prepared.ts'

/**
 * Runs one SQL statement in the transaction of `em`, or by itself outside a transaction.
 *
 * Placeholders are PostgreSQL's own (`$1`), and an array is one parameter (`unnest($1::uuid[])`). So a statement has
 * one text whatever the number of rows, and a connection parses and plans it once. `int8` and `timestamptz` columns
 * come as text.
 */
export async function query<Row = Record<string, unknown>>(
  em: EntityManager,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  prepare(sql)
  const result = await em.getKysely().executeQuery(CompiledQuery.raw(sql, [...parameters]))
  return result.rows as Row[]
}

/**
 * Runs one SQL statement that returns no rows, in the transaction of `em`. It travels with the next statement of the
 * transaction, or with COMMIT, and its error comes from there.
 */
export async function write(em: EntityManager, sql: string, parameters: readonly unknown[]): Promise<void> {
  prepare(sql)
  const values = [...parameters]
  markWrite(values)
  await em.getKysely().executeQuery(CompiledQuery.raw(sql, values))
}
