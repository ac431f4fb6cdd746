import type pg from 'pg'
import { boundQuery, type Query } from '../sql/bound-query.ts'
import { markUnconnected } from '../sql/unconnected.ts'

/** The pool lent no connection in time: all are in use, or the server accepts no new one. Nothing was sent. */
class NoConnectionError extends Error {
  override readonly name = 'NoConnectionError'
  readonly code = 'NO_CONNECTION'

  constructor(waitedMs: number) {
    super(`no connection of the pool within ${waitedMs} ms`)
  }
}

/** A connection of the pool, for one transaction. */
export interface BorrowedClient {
  readonly client: pg.PoolClient
  /** @param broken - the reason for which the connection must not be used again: the pool closes it */
  giveBack(broken: Error | true | undefined): void
}

/**
 * Borrows a connection whose answers have a bound, including those to promises that a handler gets from the client
 * itself. A silent connection is closed, and its waiting statements fail with NO_ANSWER: the server's own bounds do
 * not help a client that cannot reach it.
 *
 * @throws NoConnectionError NO_CONNECTION if the pool lends none within `connectMs`, or the pool's own error before
 *   that
 */
export async function borrowClient(
  pool: Pick<pg.Pool, 'connect'>,
  { connectMs, answerMs }: { readonly connectMs: number; readonly answerMs: number },
): Promise<BorrowedClient> {
  const client = await connect(pool, connectMs)
  client.on('error', ignoreError)
  const unbind = bindAnswers(client, answerMs)
  return {
    client,
    giveBack(broken) {
      unbind()
      client.off('error', ignoreError)
      client.release(broken)
    },
  }
}

/** A borrowed connection that breaks emits an error as well, which ends the process if there is no listener. */
function ignoreError(): void {
  // The statement that is under way, or the next one, fails with the reason.
}

async function connect(pool: Pick<pg.Pool, 'connect'>, connectMs: number): Promise<pg.PoolClient> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new NoConnectionError(connectMs)), connectMs)
  const connecting = pool.connect()
  try {
    return await Promise.race([connecting, late.promise])
  } catch (error) {
    // A connection that comes late is kept for the next transaction.
    connecting.then((client) => client.release()).catch(ignoreError)
    throw markUnconnected(error)
  } finally {
    clearTimeout(timer)
  }
}

/** @returns a function that removes the bound: the pool is the service's, which decides how long its other work waits */
function bindAnswers(client: pg.PoolClient, answerMs: number): () => void {
  const own = Object.getOwnPropertyDescriptor(client, 'query')
  const value = boundQuery(client.query.bind(client) as Query, answerMs, (reason) => {
    client.connection.stream.destroy(reason)
  })
  Object.defineProperty(client, 'query', { value, configurable: true, writable: true })
  return () => {
    if (own === undefined) Reflect.deleteProperty(client, 'query')
    else Object.defineProperty(client, 'query', own)
  }
}
