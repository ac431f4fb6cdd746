import { migrateMessaging } from '@boxoffice/messaging'
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql'
import type { Logger } from '../telemetry/log.ts'
import { withSql } from './entity-manager.ts'
import { grantRoles, type LesserRoles } from './grant-roles.ts'
import { makeShardPublications } from './make-shard-publications.ts'
import { checksumsOf, keepChecksums, refuseChanged } from './migration-checksums.ts'
import type { MigrationClass } from './migration-class.ts'
import { query } from './query.ts'
import { runTransaction } from './transaction.ts'

/** Any number works, as long as all replicas use the same one. Advisory locks belong to a database. */
const migrationLock = 7_205_759_403

/**
 * Applies the missing migrations including those of messaging, grants the lesser roles their rights and creates the
 * publications of shards, in one transaction. MikroORM takes no lock, so replicas that start together wait for an
 * advisory lock. It ends with the transaction, also when the process is killed.
 *
 * @throws ChangedMigrationError if an applied migration has another text now; nothing is done then
 */
export async function migrate(
  orm: MikroORM,
  migrations: readonly MigrationClass[],
  log: Logger,
  roles: LesserRoles,
): Promise<string[]> {
  const checksums = await checksumsOf(orm, migrations)
  const names = await runTransaction(orm, async (em) => {
    await query(
      em,
      "SELECT set_config('lock_timeout', '60s', true), set_config('statement_timeout', '0', true)",
    )
    await query(em, 'SELECT pg_advisory_xact_lock($1)', [migrationLock])
    await refuseChanged(em, checksums)
    const transaction = em.getTransactionContext()
    const applied = transaction === undefined ? [] : await orm.migrator.up({ transaction })
    const names = applied.map((migration) => migration.name)
    await keepChecksums(em, checksums, names)
    const messaging = await migrateMessagingIn(em)
    await grantRoles(em, roles)
    await makeShardPublications(em, roles.relayShards ?? 1)
    return [...names, ...messaging]
  })
  if (names.length > 0) log.info({ migrations: names }, 'migrated')
  return names
}

/**
 * Migrates messaging after the service's own migrations: the first migrations of today's services created the tables
 * of messaging in `public`, and never change. This moves them into their schema, also in a new database.
 */
async function migrateMessagingIn(em: EntityManager): Promise<string[]> {
  const sql = withSql(em)
  const applied = await migrateMessaging({ transaction: (fn) => fn(sql) }, { madeIn: 'public' })
  return applied.map((version) => `messaging ${version}`)
}
