import { isUnconnected } from './unconnected.ts'

/**
 * Whether the same transaction may well succeed when it is tried again: the connection was lost, the server is starting,
 * stopping or full, or another transaction was in the way. Sees through the wrapping of MikroORM and kysely.
 */
export function isTransient(error: unknown): boolean {
  return chainOf(error).some((one) => {
    if (isUnconnected(one)) return true
    const code = (one as { code?: unknown }).code
    if (typeof code === 'string' && (transientCodes.has(code) || connectionCodes.test(code))) return true
    return one instanceof Error && clientMessages.test(one.message)
  })
}

/** Whether it is the database that is away, whatever was asked of it; not that another transaction was in the way. */
export function isAway(error: unknown): boolean {
  return (
    isTransient(error) &&
    !chainOf(error).some((one) => conflictCodes.has((one as { code?: string }).code ?? ''))
  )
}

/** Whether the database is kept by a restore, so that only the restore may work in it. */
export function isHeld(error: unknown): boolean {
  return chainOf(error).some((one) => (one as { code?: unknown }).code === 'DATABASE_HELD')
}

/**
 * Whole classes: 08 connection, 28 authorization (a password or a certificate that is being rotated), 53 resources; and Node's for
 * a handshake or a certificate that is not believed. Of the transaction nothing has been done.
 */
const connectionCodes = /^(08|28|53|ERR_SSL_|ERR_TLS_)|(^|_)CERT(_|$)|^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/

/** https://www.postgresql.org/docs/current/errcodes-appendix.html, and Node's for sockets. */
const transientCodes: ReadonlySet<string> = new Set([
  '25006', // read-only transaction: connected to a server that is no longer the primary
  '25P03', // idle in transaction session timeout
  '25P04', // transaction timeout
  '40001', // serialization failure
  '40003', // statement completion unknown
  '40P01', // deadlock detected
  '55P03', // lock not available
  '57014', // query cancelled: statement timeout
  '57P01', // admin shutdown
  '57P02', // crash shutdown
  '57P03', // cannot connect now
  '57P05', // idle session timeout
  'NO_ANSWER', // the client's own bound, see bound-answers.ts
  'DATABASE_HELD', // a restore of it is under way, see client.ts
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
])

/** Of the transient ones, those that another transaction can be the cause of. */
const conflictCodes: ReadonlySet<string> = new Set(['40001', '40P01', '55P03', '57014', '25P03', '25P04'])

/** What pg itself says, without a code, when its connection is gone or its pool is exhausted. The server's own words are in any language. */
const clientMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Query read timeout)/

/** The error and its causes, at most ten deep. */
function chainOf(error: unknown): object[] {
  const chain: object[] = []
  const queue: unknown[] = [error]
  while (queue.length > 0 && chain.length < 10) {
    const one = queue.shift()
    if (typeof one !== 'object' || one === null || chain.includes(one)) continue
    chain.push(one)
    queue.push((one as { cause?: unknown }).cause)
    if (one instanceof AggregateError) queue.push(...one.errors)
  }
  return chain
}
