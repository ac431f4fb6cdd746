import type pg from 'pg'
import { DatabaseHeldError } from '../sql/held.ts'
import { requireCommit } from '../sql/require-commit.ts'
import type { Sql, SqlDatabase, SqlTransactionOptions } from '../sql/sql.ts'
import { borrowClient } from './borrow-client.ts'
import { sqlOf } from './sql-of.ts'

/** A transaction of pg, as a handler gets it. Business statements go through `query`, or through the client itself. */
export interface PgTransaction extends Sql {
  /** The client that the transaction runs on. It goes back to the pool when the transaction ends. */
  readonly client: pg.PoolClient
}

/** The bounds on a transaction's waits, in milliseconds above 0. */
export interface PgTimeouts {
  /** The wait for a free connection of the pool, or for a new one. */
  readonly connectMs: number
  /** The wait for a row that another transaction has locked. */
  readonly lockMs: number
  /** The time of a statement, which the server ends after it. */
  readonly statementMs: number
  /**
   * The wait for the answer to a statement, before its connection is closed as lost: 5 s longer than `statementMs` by
   * default, so that the server ends a statement wherever it can be reached.
   */
  readonly answerMs: number
  /** The time that a transaction may be idle. A stopped process must not hold its successor, so the server ends it. */
  readonly idleInTransactionMs: number
}

const defaultTimeouts: Omit<PgTimeouts, 'answerMs'> = {
  connectMs: 5_000,
  lockMs: 5_000,
  statementMs: 15_000,
  idleInTransactionMs: 10_000,
}

/** The time for the network, both ways. */
const answerMarginMs = 5_000

/** The largest value that PostgreSQL and Node's timers accept. */
const timeoutMsMax = 2 ** 31 - 1

/**
 * A pool of [pg](https://node-postgres.com) as a database of messaging. A connection is borrowed for one transaction,
 * and goes back to the pool whatever fails; one that cannot be rolled back is closed. Every wait has a bound. When
 * the server's network is silent, waiting statements fail with `NO_ANSWER`, which is transient; whether a COMMIT
 * without an answer took place is not known. When the pool lends no connection in time, the error is `NO_CONNECTION`:
 * it is transient as well, and nothing has been done.
 *
 * While a restore holds the database, a transaction fails with `DATABASE_HELD` before it reads anything, which is
 * transient too. The pool of the restore itself works on: its connections have the options
 * `-c default_transaction_read_only=off` and an `application_name` of their own.
 * @param pool - the service's own. Give it an `error` listener, as pg asks for, so that an idle connection may break,
 *   and a `connectionTimeoutMillis`, so that an attempt to connect to a silent server does not keep its place in the
 *   pool
 * @throws RangeError if a timeout is not a number of milliseconds above 0
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
        await begin(client, beginStatement(options, limits))
        const ending = { ended: false }
        try {
          const result = await fn(transactionOf(client, ending))
          // A later statement would run behind COMMIT, in no transaction.
          ending.ended = true
          requireCommit(await client.query('COMMIT'))
          return result
        } finally {
          ending.ended = true
        }
      } catch (error) {
        // If it cannot be rolled back, the connection is gone, and the server rolls back by itself.
        broken = await client.query('ROLLBACK').then(
          // A connection that was opened while the database was held does not learn that it is given back.
          () => (error instanceof DatabaseHeldError ? error : undefined),
          (failed: unknown) => (failed instanceof Error ? failed : true),
        )
        throw error
      } finally {
        giveBack(broken)
      }
    },
  }
}

/** @throws DatabaseHeldError DATABASE_HELD for a connection that a restore keeps out */
async function begin(client: pg.PoolClient, statement: string): Promise<void> {
  const results = (await client.query(statement)) as unknown as readonly pg.QueryResult<{ held?: string }>[]
  if (results.at(-1)?.rows[0]?.held === 'on') throw new DatabaseHeldError()
}

function limitsOf(timeouts: Partial<PgTimeouts>): PgTimeouts {
  const limits = { ...defaultTimeouts, ...timeouts }
  const all = { ...limits, answerMs: limits.answerMs ?? limits.statementMs + answerMarginMs }
  for (const [name, ms] of Object.entries(all))
    if (!(ms > 0 && ms <= timeoutMsMax))
      throw new RangeError(`${name} is ${ms}: give it milliseconds from 1 to ${timeoutMsMax}`)
  return all
}

/** A transaction that is used after its end must not write into the next one of its connection. */
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
 * Begins a transaction in one round trip. The settings hold for this transaction, whatever the defaults of the server,
 * the database or the role are: the pool is the service's. The service also decides its `search_path`. The one default
 * that counts is read last: with it, a restore holds the database.
 */
function beginStatement(
  { isolationLevel = 'read committed', readOnly }: SqlTransactionOptions,
  { lockMs, statementMs, idleInTransactionMs }: PgTimeouts,
): string {
  const settings = {
    lock_timeout: Math.round(lockMs),
    statement_timeout: Math.round(statementMs),
    idle_in_transaction_session_timeout: Math.round(idleInTransactionMs),
    // A commit is durable, and an error ends a statement and not the session.
    synchronous_commit: 'on',
    exit_on_error: 'off',
    // Array parameters and string constants are parsed as usual.
    array_nulls: 'on',
    standard_conforming_strings: 'on',
  }
  const begin = `BEGIN ISOLATION LEVEL ${isolationLevel} ${readOnly ? 'READ ONLY' : 'READ WRITE'} NOT DEFERRABLE`
  const set = Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = ${value}`)
  return [begin, ...set, `SELECT current_setting('default_transaction_read_only') AS held`].join('; ')
}
