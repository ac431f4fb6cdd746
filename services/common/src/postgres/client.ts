import { boundQuery, DatabaseHeldError, type Query, requireCommit } from '@boxoffice/messaging/sql'
import pg from 'pg'
import type { ParameterStatus } from './connection.ts'
import { joinStatements } from './join-statements.ts'
import { StatementBatch } from './statement-batch.ts'

export interface CheckedClientConfig extends pg.ClientConfig {
  /** How long to wait for the answer to a statement; no limit without it. */
  readonly answerTimeoutMillis?: number | undefined
}

/**
 * A connection that keeps statements of `prepare` prepared, sends what needs no answer together with the next statement,
 * and whose COMMIT fails if the transaction has failed.
 *
 * A connection to a database that is held for a restore neither reads, as data may be out of date, nor writes. It ends
 * at its first statement, so that the pool opens a new one. The server reports this state to each new connection by
 * itself.
 *
 * A connection whose answer does not come in time is closed, and the pool drops it: the server's own limits do not
 * help a client that cannot reach it. Statements that travel together have one answer.
 */
export class CheckedClient extends pg.Client {
  constructor(config?: string | CheckedClientConfig) {
    super(config)
    const bound = this.#boundQuery(typeof config === 'object' ? config.answerTimeoutMillis : undefined)
    const query = joinStatements(this, bound)
    let held = false
    this.connection.on('parameterStatus', ({ parameterName, parameterValue }: ParameterStatus) => {
      if (parameterName === 'default_transaction_read_only') held = parameterValue === 'on'
    })
    const checked: Query = (...parameters) => {
      if (held) {
        this.end().catch(() => undefined)
        return Promise.reject(new DatabaseHeldError())
      }
      const answer = query(...parameters)
      return parameters[0] === 'commit' ? checkCommit(answer as Promise<pg.QueryResult>) : answer
    }
    this.query = checked as typeof this.query
  }

  #boundQuery(timeoutMs: number | undefined): Query {
    const ask = super.query.bind(this) as Query
    const query: Query = (...parameters) => {
      const [batch] = parameters
      const answer = ask(...parameters)
      return batch instanceof StatementBatch ? batch.answer : answer
    }
    if (timeoutMs === undefined) return query
    return boundQuery(query, timeoutMs, (reason) => void this.connection.stream.destroy(reason))
  }
}

async function checkCommit(answer: Promise<pg.QueryResult>): Promise<pg.QueryResult> {
  const result = await answer
  requireCommit(result)
  return result
}
