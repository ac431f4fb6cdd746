import type { MikroORM, EntityManager as OrmEntityManager } from '@mikro-orm/postgresql'
import type { IsolationLevel, Kysely } from 'kysely'
import { crashPoint } from '../lifecycle/crash-point.ts'
import { type EntityManager, withSql } from './entity-manager.ts'

export interface TransactionOptions {
  /** READ COMMITTED unless given. */
  readonly isolationLevel?: IsolationLevel
  readonly readOnly?: boolean
}

/**
 * Runs `fn` in one transaction with a new EntityManager; flushes and commits, or rolls back what threw.
 *
 * The connection is borrowed around the transaction, and so returns to the pool whatever fails. (em.transactional and
 * kysely's own controlled transactions never return it if the server goes away before it has answered BEGIN, COMMIT or
 * ROLLBACK: a restart of PostgreSQL under load would empty the pool.)
 */
export async function runTransaction<T>(
  orm: MikroORM,
  fn: (em: EntityManager) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const em = withSql(orm.em.fork() as OrmEntityManager)
  const kysely: Kysely<unknown> = em.getKysely()
  return await kysely.connection().execute(async (connection) => {
    let builder = connection.startTransaction()
    if (options.isolationLevel !== undefined) builder = builder.setIsolationLevel(options.isolationLevel)
    if (options.readOnly) builder = builder.setAccessMode('read only')
    const transaction = await builder.execute()
    em.setTransactionContext(transaction)
    try {
      const result = await fn(em)
      await em.flush()
      crashPoint('commit:before')
      await transaction.commit().execute()
      crashPoint('commit:after')
      return result
    } catch (error) {
      // If the rollback fails the connection is gone, and the server rolls back by itself.
      await transaction
        .rollback()
        .execute()
        .catch(() => undefined)
      throw error
    } finally {
      // A caller who has kept the EntityManager cannot write into another transaction.
      em.resetTransactionContext()
    }
  })
}
