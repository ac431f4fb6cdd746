import type pg from 'pg'
import { boundQuery, type Query } from '../sql/bound-query.ts'
import { markUnconnected } from '../sql/unconnected.ts'

/** The pool has lent no connection in time: all are in use, or the server does not let in a new one. Nothing was asked of it yet. */
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
  /** @param broken - why the connection is not to be used again: the pool closes it */
  giveBack(broken: Error | true | undefined): void
}

/**
 * Borrows a connection whose answers have a bound, also those to what a handler asks of the client itself by a promise. One that is
 * silent is closed, and what waits fails with NO_ANSWER: the server's own bounds are of no use to a client that cannot reach it.
 *
 * @throws NoConnectionError NO_CONNECTION if the pool lends none within `connectMs`, or what the pool says by then
 */
export async function borrowClient(
  pool: Pick<pg.Pool, 'connect'>,
  { connectMs, answerMs }: { readonly connectMs: number; readonly answerMs: number },
): Promise<BorrowedClient> {
  const client = await connect(pool, connectMs)
  client.on('error', hearOnly)
  const unbind = bindAnswers(client, answerMs)
  return {
    client,
    giveBack(broken) {
      unbind()
      client.off('error', hearOnly)
      client.release(broken)
    },
  }
}

/** A borrowed connection that breaks says so by an event as well, which ends the process where nothing hears it. */
function hearOnly(): void {
  // The statement under way, or the next one, fails with the reason.
}

async function connect(pool: Pick<pg.Pool, 'connect'>, connectMs: number): Promise<pg.PoolClient> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new NoConnectionError(connectMs)), connectMs)
  const connecting = pool.connect()
  try {
    return await Promise.race([connecting, late.promise])
  } catch (error) {
    // One that comes after all is good for the next transaction.
    connecting.then((client) => client.release()).catch(hearOnly)
    throw markUnconnected(error)
  } finally {
    clearTimeout(timer)
  }
}

/** @returns takes the bound off again: the pool is the service's, and so is the time that its other work takes */
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
