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
 * Runs `fn` in one transaction with an EntityManager of its own; flushes and commits, or rolls back what threw.
 *
 * The connection is borrowed around the transaction, and so goes back to the pool whatever fails. (em.transactional and
 * kysely's own controlled transactions keep it for ever when the server goes away before BEGIN, COMMIT or ROLLBACK is
 * answered: a restart of PostgreSQL under load would empty the pool.)
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
      // Where it cannot be rolled back the connection is gone, and the server rolls back by itself.
      await transaction
        .rollback()
        .execute()
        .catch(() => undefined)
      throw error
    } finally {
      // Whoever kept the EntityManager cannot write into somebody else's transaction.
      em.resetTransactionContext()
    }
  })
}
