import pg from 'pg'

/** COMMIT was answered with ROLLBACK: a statement had failed, and whoever called it went on as if it had not. */
export class CommitRefusedError extends Error {
  override readonly name = 'CommitRefusedError'
  readonly code = 'COMMIT_REFUSED'
  readonly retriable = false
}

type Query = (...parameters: unknown[]) => unknown

/**
 * A connection whose COMMIT tells the truth. PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK and no
 * error, and the libraries above do not look: what was promised would not be there.
 */
export class CheckedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    const query = super.query.bind(this) as Query
    const checked: Query = (...parameters) => {
      const answer = query(...parameters)
      return parameters[0] === 'commit' ? checkCommit(answer as Promise<pg.QueryResult>) : answer
    }
    this.query = checked as typeof this.query
  }
}

async function checkCommit(answer: Promise<pg.QueryResult>): Promise<pg.QueryResult> {
  const result = await answer
  if (result.command === 'COMMIT') return result
  throw new CommitRefusedError(
    'the transaction was rolled back instead of committed: a statement in it had failed',
  )
}
