import type { MikroORM } from '@mikro-orm/postgresql'
import { CompiledQuery } from 'kysely'
import type { Logger } from '../telemetry/log.ts'

/** Any number will do, as long as all replicas use the same. Advisory locks are per database. */
const migrationLock = 7_205_759_403

/**
 * Applies the missing migrations in one transaction. MikroORM takes no lock, so replicas that start together queue up
 * behind an advisory one; it goes with the transaction, also when the process is killed.
 */
export async function migrate(orm: MikroORM, log: Logger): Promise<string[]> {
  const applied = await orm.em.fork().transactional(async (em) => {
    const kysely = em.getKysely()
    await kysely.executeQuery(CompiledQuery.raw("SELECT set_config('lock_timeout', '60s', true)"))
    await kysely.executeQuery(CompiledQuery.raw("SELECT set_config('statement_timeout', '0', true)"))
    await kysely.executeQuery(CompiledQuery.raw('SELECT pg_advisory_xact_lock($1)', [migrationLock]))
    return await orm.migrator.up({ transaction: em.getTransactionContext() })
  })
  const names = applied.map((migration) => migration.name)
  if (names.length > 0) log.info({ migrations: names }, 'migrated')
  return names
}
