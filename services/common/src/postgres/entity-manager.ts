import type { Sql } from '@boxoffice/messaging'
import type { EntityManager as OrmEntityManager } from '@mikro-orm/postgresql'
import { query, write } from './query.ts'

/** MikroORM's EntityManager, with which messaging runs its SQL in the same transaction. */
export type EntityManager = OrmEntityManager & Sql

/** Adds to an EntityManager the functions that messaging needs. */
export function withSql(em: OrmEntityManager): EntityManager {
  const sql: Required<Sql> = {
    query: (text, values) => query(em, text, values),
    write: (text, values) => write(em, text, values),
  }
  return Object.assign(em, sql)
}
