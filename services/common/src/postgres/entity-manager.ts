import type { Sql } from '@boxoffice/messaging'
import type { EntityManager as OrmEntityManager } from '@mikro-orm/postgresql'
import { query } from './query.ts'

/** MikroORM's EntityManager, by which messages run their SQL too: in the same transaction. */
export type EntityManager = OrmEntityManager & Sql

/** Makes an EntityManager one that messages can use. */
export function withSql(em: OrmEntityManager): EntityManager {
  const sql: Sql = { query: (text, values) => query(em, text, values) }
  return Object.assign(em, sql)
}
