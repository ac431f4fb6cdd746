import { randomUUID } from 'node:crypto'
import { signToken } from '../platform/auth.ts'
import type { SystemUnderTest } from './system-under-test.ts'

/** The metadata that authorizes the calls of one user. */
export type Credentials = Readonly<{ authorization: string }>

/** Signs new users in, each with a token for an hour. */
export async function signIn(
  { auth }: SystemUnderTest,
  count: number,
  roles: readonly string[],
): Promise<Credentials[]> {
  const run = randomUUID()
  const tokens = Array.from({ length: count }, (_, index) =>
    signToken(auth, { subject: `bench-${run}-${index}`, roles }),
  )
  return (await Promise.all(tokens)).map((token) => ({ authorization: `Bearer ${token}` }))
}

/**
 * The number of users that share the calls: a thousand, the number of wallets in the comparison with other engines, or
 * as many as are needed so that none has more than three holds. A user may have four open holds, and eight seats of a
 * concert.
 */
export function usersFor(calls: number): number {
  return Math.min(calls, Math.max(1_000, Math.ceil(calls / 3)))
}
