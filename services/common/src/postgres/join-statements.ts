import { markEarlierWrite, type Query } from '@boxoffice/messaging/sql'
import type pg from 'pg'
import { isWrite, preparedName } from './prepared.ts'
import { type PreparedStatement, StatementBatch } from './statement-batch.ts'

/**
 * Saves round trips: BEGIN, and the statements of `write`, wait in memory and travel with the next statement of their
 * transaction, in order. At the latest that is COMMIT, which fails if one of them fails.
 *
 * @param query - the client's method `query`. It also takes a {@link StatementBatch}
 * @returns the method to call instead
 */
export function joinStatements(client: pg.Client, query: Query): Query {
  let waiting: PreparedStatement[] = []
  let isInTransaction = false
  /** The answer to statements in front of one that has to be sent by itself. */
  let ahead: Promise<unknown> | undefined

  async function send(statements: readonly PreparedStatement[]): Promise<unknown> {
    const batch = new StatementBatch(statements, client)
    try {
      return await query(batch)
    } catch (error) {
      throw isWrite(statements[batch.completed]?.values) ? markEarlierWrite(error) : error
    }
  }

  function sendAhead(statements: readonly PreparedStatement[]): void {
    const sent = ahead === undefined ? send(statements) : ahead.then(() => send(statements))
    const answer = sent.finally(() => {
      if (ahead === answer) ahead = undefined
    })
    ahead = answer
  }

  /** Sends a statement by itself, such as a text of several statements, behind those that wait. */
  function sendAlone(parameters: readonly unknown[]): unknown {
    const [statement] = parameters
    const isBehind = waiting.length > 0 || ahead !== undefined
    if (isBehind && isCursor(statement))
      throw new TypeError('a cursor cannot be opened here: first wait for a statement of its transaction')
    if (waiting.length > 0) sendAhead(waiting)
    waiting = []
    if (ahead === undefined) return query(...parameters)
    // Whatever has failed in a transaction, it has to be rolled back.
    const before = isRollback(statement) ? ahead.catch(() => {}) : ahead
    return before.then(() => query(...parameters))
  }

  return (...parameters) => {
    const [text, values] = parameters
    if (text === begin.text) {
      isInTransaction = true
      waiting.push(begin)
      return answerOf('BEGIN')
    }
    const ends = text === commit.text || text === 'rollback'
    if (ends) isInTransaction = false
    if (ends && waiting[0] === begin && (text === 'rollback' || waiting.length === 1)) {
      // The server has not heard of this transaction.
      waiting = []
      return answerOf(text.toUpperCase())
    }
    if (text === 'rollback') waiting = []
    const statement = text === commit.text ? commit : preparedOf(text, values)
    if (statement === undefined) return sendAlone(parameters)
    if (isInTransaction && isWrite(statement.values) && waiting.length < waitingMax) {
      waiting.push(statement)
      return answerOf('')
    }
    if (waiting.length === 0 || ahead !== undefined) return sendAlone([statement])
    const batch = [...waiting, statement]
    waiting = []
    return send(batch)
  }
}

/**
 * The most statements that wait, in memory: the next one sends them. A service has up to seven in a transaction. One
 * bound on the wait for an answer is for all that travel together.
 */
const waitingMax = 16

const begin: PreparedStatement = { name: 'begin', text: 'begin' }
const commit: PreparedStatement = { name: 'commit', text: 'commit' }

function isRollback(statement: unknown): boolean {
  return typeof statement === 'string' && statement.startsWith('rollback')
}

/** Whether pg's client would return the statement itself, which cannot wait for what is ahead. */
function isCursor(statement: unknown): boolean {
  return typeof statement === 'object' && statement !== null && 'submit' in statement
}

function preparedOf(text: unknown, values: unknown): PreparedStatement | undefined {
  if (typeof text !== 'string' || !Array.isArray(values)) return undefined
  const name = preparedName(text)
  return name === undefined ? undefined : { name, text, values }
}

/** The answer to a statement that waits, or that the server need not hear of. */
function answerOf(command: string): Promise<Pick<pg.QueryResult, 'command' | 'rowCount' | 'rows'>> {
  return Promise.resolve({ command, rowCount: 0, rows: [] })
}
