import { boundAnswers, NoAnswerError } from '@boxoffice/messaging/sql'
import pg from 'pg'
import type { ParameterStatus } from './connection.ts'
import { preparedName } from './prepared.ts'

/** COMMIT was answered with ROLLBACK: a statement had failed, and whoever called it went on as if it had not. */
class CommitRefusedError extends Error {
  override readonly name = 'CommitRefusedError'
  readonly code = 'COMMIT_REFUSED'
}

/** The database is read-only by default, which is how a restore keeps it to itself (see restore/hold-database.ts). */
class DatabaseHeldError extends Error {
  override readonly name = 'DatabaseHeldError'
  readonly code = 'DATABASE_HELD'

  constructor() {
    super('the database is being restored: nothing in it can be relied on yet')
  }
}

export interface CheckedClientConfig extends pg.ClientConfig {
  /** How long the answer to a statement is waited for; for ever without it. */
  readonly answerTimeoutMillis?: number | undefined
}

type Query = (...parameters: unknown[]) => unknown

/**
 * A connection that keeps prepared what {@link prepare} was told of, and whose COMMIT tells the truth. PostgreSQL answers
 * the COMMIT of a failed transaction with ROLLBACK and no error, and the libraries above do not look: what was promised
 * would not be there.
 *
 * To a database that is held for a restore it is of no use: it neither reads what may be out of date nor writes, and ends
 * at the first statement, so that its pool looks again with a new one. The server says so to each new connection by itself.
 *
 * Where an answer does not come in time the connection is given up, and its pool drops it: the server's own bounds are of no use
 * to a client that cannot reach it. (pg's `query_timeout` only stops waiting: who borrows the connection next is stuck in turn.)
 */
export class CheckedClient extends pg.Client {
  constructor(config?: string | CheckedClientConfig) {
    super(config)
    const query = this.#boundQuery(typeof config === 'object' ? config.answerTimeoutMillis : undefined)
    let held = false
    this.connection.on('parameterStatus', ({ parameterName, parameterValue }: ParameterStatus) => {
      if (parameterName === 'default_transaction_read_only') held = parameterValue === 'on'
    })
    const checked: Query = (...parameters) => {
      if (held) {
        this.end().catch(() => undefined)
        return Promise.reject(new DatabaseHeldError())
      }
      const [text, values] = parameters
      if (text === 'commit') return checkCommit(query(...parameters) as Promise<pg.QueryResult>)
      const name = typeof text === 'string' && Array.isArray(values) ? preparedName(text) : undefined
      return name === undefined ? query(...parameters) : query({ name, text, values })
    }
    this.query = checked as typeof this.query
  }

  #boundQuery(timeoutMs: number | undefined): Query {
    const query = super.query.bind(this) as Query
    if (timeoutMs === undefined) return query
    const giveUp = (): void => void this.connection.stream.destroy(new NoAnswerError(timeoutMs))
    const bound = boundAnswers(timeoutMs, giveUp)
    return (...parameters) => {
      const answer = query(...parameters)
      return answer instanceof Promise ? bound(answer) : answer
    }
  }
}

async function checkCommit(answer: Promise<pg.QueryResult>): Promise<pg.QueryResult> {
  const result = await answer
  if (result.command === 'COMMIT') return result
  throw new CommitRefusedError(
    'the transaction was rolled back instead of committed: a statement in it had failed',
  )
}
