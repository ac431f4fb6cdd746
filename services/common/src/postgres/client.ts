import { boundQuery, type Query, requireCommit } from '@boxoffice/messaging/sql'
import pg from 'pg'
import type { ParameterStatus } from './connection.ts'
import { preparedName } from './prepared.ts'

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

/**
 * A connection that keeps prepared what {@link prepare} was told of, and whose COMMIT fails where the transaction did.
 *
 * To a database that is held for a restore it is of no use: it neither reads what may be out of date nor writes, and ends
 * at the first statement, so that its pool looks again with a new one. The server says so to each new connection by itself.
 *
 * Where an answer does not come in time the connection is given up, and its pool drops it: the server's own bounds are of no use
 * to a client that cannot reach it.
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
    return boundQuery(query, timeoutMs, (reason) => void this.connection.stream.destroy(reason))
  }
}

async function checkCommit(answer: Promise<pg.QueryResult>): Promise<pg.QueryResult> {
  const result = await answer
  requireCommit(result)
  return result
}
