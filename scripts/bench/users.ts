import { randomUUID } from 'node:crypto'
import { signToken } from '../platform/auth.ts'
import type { SystemUnderTest } from './system-under-test.ts'

/** What authorizes the calls of one user. */
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
 * How many users share some calls: as many as there are wallets in the comparison with others, and so many that none has more
 * than three holds. A user may have four open ones, and eight seats of a concert.
 */
export function usersFor(calls: number): number {
  return Math.min(calls, Math.max(1_000, Math.ceil(calls / 3)))
}
