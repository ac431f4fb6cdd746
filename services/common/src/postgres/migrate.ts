import type { MikroORM } from '@mikro-orm/postgresql'
import type { Logger } from '../telemetry/log.ts'
import { grantRoles, type LesserRoles } from './grant-roles.ts'
import { query } from './query.ts'
import { runTransaction } from './transaction.ts'

/** Any number will do, as long as all replicas use the same. Advisory locks are per database. */
const migrationLock = 7_205_759_403

/**
 * Applies the missing migrations and gives the lesser roles their rights, in one transaction. MikroORM takes no lock, so replicas that start together queue up
 * behind an advisory one; it goes with the transaction, also when the process is killed.
 */
export async function migrate(orm: MikroORM, log: Logger, roles: LesserRoles): Promise<string[]> {
  const applied = await runTransaction(orm, async (em) => {
    await query(
      em,
      "SELECT set_config('lock_timeout', '60s', true), set_config('statement_timeout', '0', true)",
    )
    await query(em, 'SELECT pg_advisory_xact_lock($1)', [migrationLock])
    const transaction = em.getTransactionContext()
    const applied = transaction === undefined ? [] : await orm.migrator.up({ transaction })
    await grantRoles(em, roles)
    return applied
  })
  const names = applied.map((migration) => migration.name)
  if (names.length > 0) log.info({ migrations: names }, 'migrated')
  return names
}
