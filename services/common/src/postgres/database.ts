import { Migrator } from '@mikro-orm/migrations'
import { type EntitySchema, MikroORM, type EntityManager as OrmEntityManager } from '@mikro-orm/postgresql'
import type { Logger } from '../telemetry/log.ts'
import { CheckedClient } from './client.ts'
import { clientOf, type DatabaseAddress } from './connection.ts'
import { type EntityManager, withSql } from './entity-manager.ts'
import type { LesserRoles } from './grant-roles.ts'
import { migrate } from './migrate.ts'
import type { MigrationClass } from './migration-class.ts'
import { plansByKey } from './plans-by-key.ts'
import { query } from './query.ts'
import { toOptions } from './session-settings.ts'
import { runTransaction, type TransactionOptions } from './transaction.ts'

export interface DatabaseOptions extends DatabaseAddress {
  /** The maximum number of connections. */
  readonly poolSize: number
  /** From `defineEntity`. */
  // biome-ignore lint/suspicious/noExplicitAny: the entities of a database have nothing in common but this
  readonly entities: readonly EntitySchema<any, any>[]
  /** The migrations in the order in which they are applied. Applied ones are recorded by class name. */
  readonly migrations: readonly MigrationClass[]
  readonly log: Logger
  /** The application name in pg_stat_activity. */
  readonly applicationName: string
  readonly timeouts?: Partial<DatabaseTimeouts>
  /** Some statements read whole tables. Without it, plans look rows up by their keys; see `plansByKey`. */
  readonly readsWholeTables?: boolean
  /** Works in the database even while a restore holds it: for the restore itself, and for migrations before it. */
  readonly evenWhenHeld?: boolean
}

export interface DatabaseTimeouts {
  /** The wait for a free connection of the pool, or a new one. */
  readonly connectMs: number
  /** The wait for a row that another transaction has locked. */
  readonly lockMs: number
  readonly statementMs: number
  /** The wait for an answer, after which the connection is closed; a little longer than `statementMs` unless given. */
  readonly answerMs: number
  /** After this time the server ends the transaction of a stopped process, so that its successor can go on. */
  readonly idleInTransactionMs: number
}

export interface Database {
  /**
   * Runs `fn` in one transaction with an EntityManager of its own and commits, or rolls back what threw.
   * Never retried here: see isTransient.
   */
  transaction<T>(fn: (em: EntityManager) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** A new EntityManager outside a transaction, for reads. */
  em(): EntityManager
  /**
   * Applies the missing migrations, as the owner, and grants lesser roles their rights. Safe in several processes at
   * once. It uses a connection of its own, without a time limit for answers.
   * Returns the names of the applied migrations.
   */
  migrate(roles?: LesserRoles): Promise<string[]>
  /** Whether the database answers. */
  ready(): Promise<boolean>
  close(): Promise<void>
}

const defaultTimeouts: Omit<DatabaseTimeouts, 'answerMs'> = {
  connectMs: 5_000,
  lockMs: 5_000,
  statementMs: 15_000,
  idleInTransactionMs: 10_000,
}

/** Time for the way there and back, so that the server ends a statement whenever it can. */
const answerMarginMs = 5_000

const keepalives = { tcp_keepalives_idle: '10', tcp_keepalives_interval: '5', tcp_keepalives_count: '3' }

/** Opens a service's database. Connections are opened when needed, so this succeeds while the server is away. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { log, migrations } = options
  const statementMs = options.timeouts?.statementMs ?? defaultTimeouts.statementMs
  const orm = await openOrm(options, options.timeouts?.answerMs ?? statementMs + answerMarginMs)
  return {
    transaction: (fn, transactionOptions) => runTransaction(orm, fn, transactionOptions),
    em: () => withSql(orm.em.fork() as OrmEntityManager),
    async migrate(roles = {}) {
      // MikroORM looks for its own table outside the transaction.
      const timeouts = { ...options.timeouts, statementMs: 0 }
      const patient = await openOrm({ ...options, timeouts, readsWholeTables: true }, undefined)
      try {
        return await migrate(patient, migrations, log, roles)
      } finally {
        await patient.close(true)
      }
    },
    async ready() {
      try {
        await query(orm.em.fork() as OrmEntityManager, 'SELECT 1')
        return true
      } catch {
        return false
      }
    },
    close: () => orm.close(true),
  }
}

function openOrm(options: DatabaseOptions, answerTimeoutMillis: number | undefined): Promise<MikroORM> {
  const { log } = options
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  return MikroORM.init({
    clientUrl: options.url,
    entities: [...options.entities],
    discovery: { warnWhenNoEntities: false },
    ensureDatabase: false,
    extensions: [Migrator],
    migrations: {
      migrationsList: [...options.migrations],
      snapshot: false,
      transactional: true,
      allOrNothing: true,
    },
    pool: { min: 0, max: options.poolSize },
    driverOptions: {
      Client: clientOf(options, CheckedClient),
      application_name: options.applicationName,
      connectionTimeoutMillis: timeouts.connectMs,
      answerTimeoutMillis,
      // Opening a connection costs the server a process, so connections of a burst are kept for a while.
      idleTimeoutMillis: 60_000,
      lock_timeout: timeouts.lockMs,
      statement_timeout: timeouts.statementMs,
      idle_in_transaction_session_timeout: timeouts.idleInTransactionMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      options: toOptions({
        ...keepalives,
        ...(options.readsWholeTables ? {} : plansByKey),
        ...(options.evenWhenHeld ? { default_transaction_read_only: 'off' } : {}),
      }),
    },
    debug: false,
    logger: (message) => log.warn({ component: 'mikro-orm' }, message),
    colors: false,
  })
}
