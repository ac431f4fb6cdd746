import { isUnconnected } from './unconnected.ts'

/**
 * Whether the same transaction may succeed when it is tried again: the connection was lost, the server is starting,
 * stopping or full, or another transaction was in the way. Causes are read too, as MikroORM and kysely wrap errors.
 */
export function isTransient(error: unknown): boolean {
  return chainOf(error).some((cause) => {
    if (isUnconnected(cause)) return true
    const code = (cause as { code?: unknown }).code
    if (typeof code === 'string' && (transientCodes.has(code) || connectionCodes.test(code))) return true
    return cause instanceof Error && clientMessages.test(cause.message)
  })
}

/** Whether the database is away: any transaction would fail, not only one that is in another's way. */
export function isAway(error: unknown): boolean {
  return (
    isTransient(error) &&
    !chainOf(error).some((cause) => conflictCodes.has((cause as { code?: string }).code ?? ''))
  )
}

/** Whether a restore holds the database, so that only the restore may work in it. */
export function isHeld(error: unknown): boolean {
  return chainOf(error).some((cause) => (cause as { code?: unknown }).code === 'DATABASE_HELD')
}

/**
 * Classes of codes: 08 connection, 28 authorization (a password or a certificate that is being rotated), 53
 * resources; and Node's codes for a failed handshake or certificate. Nothing of the transaction has been done then.
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
  'DATABASE_HELD', // a restore of it is under way, see held.ts
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
])

/** The transient codes that another transaction can cause. */
const conflictCodes: ReadonlySet<string> = new Set(['40001', '40P01', '55P03', '57014', '25P03', '25P04'])

/** pg's own messages for a lost connection or an exhausted pool, without a code. The server's are in any language. */
const clientMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Query read timeout)/

/** The error and its causes, at most ten deep. */
function chainOf(error: unknown): object[] {
  const chain: object[] = []
  const queue: unknown[] = [error]
  while (queue.length > 0 && chain.length < 10) {
    const next = queue.shift()
    if (typeof next !== 'object' || next === null || chain.includes(next)) continue
    chain.push(next)
    queue.push((next as { cause?: unknown }).cause)
    if (next instanceof AggregateError) queue.push(...next.errors)
  }
  return chain
}
