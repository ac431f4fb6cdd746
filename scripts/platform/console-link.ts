import { type AuthFiles, signToken } from './auth.ts'

/** What the console's demo may do; a link is given to who may do all of it. */
export const consoleRoles = ['viewer', 'operator', 'custodian', 'cashier'] as const

export interface ConsoleLink {
  /** Signs in whoever opens it, once. */
  readonly link: string
  /** ISO 8601. */
  readonly expireTime: string
}

/** Seconds; the token is for the request that asks for the link. */
const askingSeconds = 60
const answerMsMax = 10_000

/**
 * Asks a console that runs here for a link, with a token that only who can read the private key can make.
 *
 * @param page - the console's address
 * @throws Error if the console does not give one
 */
export async function askForConsoleLink(
  page: string,
  auth: Omit<AuthFiles, 'jwksFile'>,
): Promise<ConsoleLink> {
  const token = await signToken(auth, {
    subject: 'demo',
    roles: consoleRoles,
    validForSeconds: askingSeconds,
  })
  const response = await fetch(new URL('/api/session/links', page), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(answerMsMax),
  })
  if (!response.ok) throw new Error(`${page} gives no link: ${response.status} ${await response.text()}`)
  const { code, expireTime } = (await response.json()) as {
    readonly code: string
    readonly expireTime: string
  }
  return { link: new URL(`#sign-in=${code}`, page).href, expireTime }
}
