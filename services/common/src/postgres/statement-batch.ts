import pg from 'pg'

/** A statement that a connection keeps prepared under its name. */
export interface PreparedStatement {
  readonly name: string
  readonly text: string
  readonly values?: readonly unknown[]
}

/**
 * Prepared statements that travel together, with one Sync behind them: once one fails, the server skips the others. The
 * answer is that of the last one, or the first error.
 *
 * It is a query for pg's Client, which calls its methods as the server's messages arrive.
 *
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export class StatementBatch implements pg.Submittable {
  /** Takes the answer. The client sets it. */
  callback: ((error: Error | null, result?: pg.QueryResult) => void) | undefined
  readonly #statements: readonly Statement[]
  /** The number of statements that have completed. */
  #completed = 0
  #failure: Error | undefined
  #result: pg.QueryResult | undefined

  /** @param types - the client: it knows how each type of column is read */
  constructor(statements: readonly PreparedStatement[], types: pg.CustomTypesConfig) {
    this.#statements = statements.map((statement) => {
      const query = new pg.Query({ ...statement, types } as pg.QueryConfig) as unknown as Statement
      query.callback = (error, result) => {
        if (error) this.#failure ??= error
        else this.#result = result
      }
      return query
    })
  }

  /** The statements of the batch that have completed. If the batch has failed, the next one has failed. */
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
        // A value could not be sent: nothing may run behind it.
        if (this.#failure !== undefined) break
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

  handleError(error: Error, connection: { readonly submittedNamedStatements: Record<string, string> }): void {
    // The server has not parsed the statements that it skipped.
    for (const { name } of this.#statements.slice(this.#completed))
      delete connection.submittedNamedStatements[name]
    this.callback?.(this.#failure ?? error)
  }

  handleReadyForQuery(connection: unknown): void {
    this.#statements.at(-1)?.handleReadyForQuery(connection)
    if (this.#failure !== undefined) this.callback?.(this.#failure)
    else this.callback?.(null, this.#result)
  }
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
