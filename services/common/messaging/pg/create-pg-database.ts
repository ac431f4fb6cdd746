import type pg from 'pg'
import { requireCommit } from '../sql/require-commit.ts'
import type { Sql, SqlDatabase, SqlTransactionOptions } from '../sql/sql.ts'
import { borrowClient } from './borrow-client.ts'
import { sqlOf } from './sql-of.ts'

/** A transaction of pg, as a handler gets it: business statements go through `query`, or through the client itself. */
export interface PgTransaction extends Sql {
  /** In the same transaction. It goes back to the pool when the transaction ends. */
  readonly client: pg.PoolClient
}

/** How long a transaction waits, in milliseconds above 0. */
export interface PgTimeouts {
  /** For a free connection of the pool, or a new one. */
  readonly connectMs: number
  /** Waiting for a row that another transaction has locked. */
  readonly lockMs: number
  /** For a statement to end on the server, which ends it then. */
  readonly statementMs: number
  /**
   * For the answer to a statement, before its connection is closed as lost: 5 s longer than `statementMs` unless given, so that it is
   * the server that ends a statement wherever it can be reached.
   */
  readonly answerMs: number
  /** A transaction whose process has stopped is ended by the server, so that it does not hold its successor. */
  readonly idleInTransactionMs: number
}

const defaultTimeouts: Omit<PgTimeouts, 'answerMs'> = {
  connectMs: 5_000,
  lockMs: 5_000,
  statementMs: 15_000,
  idleInTransactionMs: 10_000,
}

/** For the way there and back. */
const answerMarginMs = 5_000

/** What PostgreSQL and Node's timers take. */
const timeoutMsMax = 2 ** 31 - 1

/**
 * A pool of [pg](https://node-postgres.com) as a database of messaging. A connection is borrowed for one transaction, and goes back
 * to the pool whatever fails; one that cannot be rolled back is closed. Every wait has a bound: when the server's network falls
 * silent, what waits fails with `NO_ANSWER`, which is transient. Whether a COMMIT that has no answer took place is not known. Where
 * the pool lends no connection in time it is `NO_CONNECTION`, transient as well, and nothing has been done.
 *
 * @param pool - the service's own; give it an `error` listener, as pg asks for, so that an idle connection may break, and a
 *   `connectionTimeoutMillis`, so that an attempt to connect to a silent server does not keep its place in the pool
 * @throws RangeError a timeout is not a number of milliseconds above 0
 *
 * @example
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, connectionTimeoutMillis: 5_000 })
 * const database = createPgDatabase(pool)
 * await database.transaction(async (tx) => {
 *   await tx.query('INSERT INTO orders (id) VALUES ($1)', [id])
 *   await appendToOutbox(tx, [codec.message('shop.OrderPlaced', { body: { id }, cause: id, time: new Date() })])
 * })
 */
export function createPgDatabase(
  pool: Pick<pg.Pool, 'connect'>,
  timeouts: Partial<PgTimeouts> = {},
): SqlDatabase<PgTransaction> {
  const limits = limitsOf(timeouts)
  return {
    async transaction(fn, options = {}) {
      const { client, giveBack } = await borrowClient(pool, limits)
      let broken: Error | true | undefined
      try {
        await client.query(beginStatement(options, limits))
        const ending = { ended: false }
        try {
          const result = await fn(transactionOf(client, ending))
          // What still comes would run behind COMMIT, and by itself.
          ending.ended = true
          requireCommit(await client.query('COMMIT'))
          return result
        } finally {
          ending.ended = true
        }
      } catch (error) {
        // Where it cannot be rolled back the connection is gone, and the server rolls back by itself.
        broken = await client.query('ROLLBACK').then(
          () => undefined,
          (failed: unknown) => (failed instanceof Error ? failed : true),
        )
        throw error
      } finally {
        giveBack(broken)
      }
    },
  }
}

function limitsOf(timeouts: Partial<PgTimeouts>): PgTimeouts {
  const limits = { ...defaultTimeouts, ...timeouts }
  const all = { ...limits, answerMs: limits.answerMs ?? limits.statementMs + answerMarginMs }
  for (const [name, ms] of Object.entries(all))
    if (!(ms > 0 && ms <= timeoutMsMax))
      throw new RangeError(`${name} is ${ms}: give it milliseconds from 1 to ${timeoutMsMax}`)
  return all
}

/** What is kept of it after its end must not write into another transaction of the connection. */
function transactionOf(client: pg.PoolClient, ending: { readonly ended: boolean }): PgTransaction {
  const sql = sqlOf(client)
  return {
    client,
    async query(text, values) {
      if (ending.ended) throw new Error('this transaction has ended: use it only until its function returns')
      return await sql.query(text, values)
    },
  }
}

/**
 * One round trip. The settings hold for this transaction, whatever the server, the database or the role has as its default: the pool
 * is the service's, and so are its connections. Where the tables are (`search_path`) is the service's to say.
 */
function beginStatement(
  { isolationLevel = 'read committed', readOnly }: SqlTransactionOptions,
  { lockMs, statementMs, idleInTransactionMs }: PgTimeouts,
): string {
  const settings = {
    lock_timeout: Math.round(lockMs),
    statement_timeout: Math.round(statementMs),
    idle_in_transaction_session_timeout: Math.round(idleInTransactionMs),
    // What a commit promises, and that an error ends a statement and not the session.
    synchronous_commit: 'on',
    exit_on_error: 'off',
    // How lists of parameters and text in statements are read.
    array_nulls: 'on',
    standard_conforming_strings: 'on',
  }
  const begin = `BEGIN ISOLATION LEVEL ${isolationLevel} ${readOnly ? 'READ ONLY' : 'READ WRITE'} NOT DEFERRABLE`
  return [begin, ...Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = ${value}`)].join(
    '; ',
  )
}
