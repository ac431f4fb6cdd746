import type { EntityManager } from '@mikro-orm/postgresql'
import { CompiledQuery } from 'kysely'

/**
 * Runs one SQL statement in the transaction that `em` is in, or by itself if it is in none.
 *
 * Placeholders are PostgreSQL's own (`$1`), and arrays go as one parameter, so that a statement over many rows is one
 * prepared shape (`unnest($1::uuid[])`). `int8` and `timestamptz`
 * columns come as text.
 */
export async function query<Row = Record<string, unknown>>(
  em: EntityManager,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const result = await em.getKysely().executeQuery(CompiledQuery.raw(sql, [...parameters]))
  return result.rows as Row[]
}
