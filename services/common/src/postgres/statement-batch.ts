import pg from 'pg'

/** A statement that a connection keeps prepared under its name. */
export interface PreparedStatement {
  readonly name: string
  readonly text: string
  readonly values?: readonly unknown[]
}

/**
 * Prepared statements that travel together, with one Sync behind them: once one fails, the server skips the others.
 *
 * It is a query for pg's Client, which calls its methods as the server's messages arrive.
 *
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export class StatementBatch implements pg.Submittable {
  readonly #statements: readonly Statement[]
  readonly #answer = Promise.withResolvers<pg.QueryResult | undefined>()
  #completed = 0
  /** The error of a value that could not be sent or read. */
  #valueError: Error | undefined

  /** @param types - the client: it knows how each type of column is read */
  constructor(statements: readonly PreparedStatement[], types: pg.CustomTypesConfig) {
    this.#statements = statements.map((statement) => {
      const query = new pg.Query({ ...statement, types } as pg.QueryConfig) as unknown as Statement
      query.callback = (error, result) => {
        if (error) this.#valueError ??= error
        else this.#answer.resolve(result)
      }
      return query
    })
  }

  /** The result of the last statement, or the first error. The server sends nothing before all are done. */
  get answer(): Promise<pg.QueryResult | undefined> {
    return this.#answer.promise
  }

  /** The number of statements that have completed. If the batch has failed, the one behind them has failed. */
  get completed(): number {
    return this.#completed
  }

  /** The name and the text of the statement that the server is at: the client records it as parsed. */
  get name(): string {
    return this.#current.name
  }

  get text(): string {
    return this.#current.text
  }

  get #current(): Statement {
    return this.#statements[Math.min(this.#completed, this.#statements.length - 1)] as Statement
  }

  submit(connection: pg.Connection): null {
    const withoutSync = Object.create(connection, { sync: { value: () => {} } }) as pg.Connection
    connection.stream.cork()
    try {
      for (const statement of this.#statements) {
        statement.prepare(withoutSync)
        // Nothing may run behind it.
        if (this.#valueError !== undefined) break
      }
      connection.sync()
    } finally {
      connection.stream.uncork()
    }
    return null
  }

  handleRowDescription(message: unknown): void {
    this.#current.handleRowDescription(message)
  }

  handleDataRow(message: unknown): void {
    this.#current.handleDataRow(message)
  }

  handleCommandComplete(message: unknown, connection: unknown): void {
    this.#current.handleCommandComplete(message, connection)
    this.#completed += 1
  }

  handleEmptyQuery(): void {
    this.#completed += 1
  }

  handleCopyInResponse(connection: unknown): void {
    this.#current.handleCopyInResponse(connection)
  }

  handleCopyData(): void {}

  handlePortalSuspended(): void {}

  handleError(error: Error, connection: NamedStatements): void {
    // The server has not parsed the statements that it skipped.
    for (const { name } of this.#statements.slice(this.#completed))
      delete connection.submittedNamedStatements[name]
    this.#answer.reject(this.#valueError ?? error)
  }

  handleReadyForQuery(connection: NamedStatements): void {
    if (this.#valueError === undefined) {
      this.#statements.at(-1)?.handleReadyForQuery(connection)
      // It could not read a row.
      if (this.#valueError !== undefined) this.#answer.reject(this.#valueError)
      return
    }
    // pg has closed the statement whose value it could not send.
    delete connection.submittedNamedStatements[this.name]
    delete connection.parsedStatements[this.name]
    this.#answer.reject(this.#valueError)
  }
}

/** The names by which pg's Connection knows statements, that the server has parsed or will parse. */
interface NamedStatements {
  readonly parsedStatements: Record<string, string>
  readonly submittedNamedStatements: Record<string, string>
}

/** The methods of pg's Query that its types leave out. */
interface Statement {
  readonly name: string
  readonly text: string
  callback: (error: Error | null, result?: pg.QueryResult) => void
  /** Sends the statement: Parse unless the connection has parsed it, Bind, Describe, Execute and Sync. */
  prepare(connection: pg.Connection): void
  handleRowDescription(message: unknown): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: unknown): void
  handleCopyInResponse(connection: unknown): void
  handleReadyForQuery(connection: unknown): void
}
