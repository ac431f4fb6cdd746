import { type AuthFiles, signToken } from './auth.ts'

/** The roles of the console's demo. The console issues a link only to a caller with all of them. */
export const consoleRoles = ['viewer', 'operator', 'custodian', 'cashier'] as const

export interface ConsoleLink {
  /** Signs in the first user who opens it. */
  readonly link: string
  /** ISO 8601. */
  readonly expireTime: string
}

/** The life of the token that asks for the link, in seconds. */
const askingSeconds = 60
const answerMsMax = 10_000

/**
 * Asks a console on this machine for a link, with a token that only a reader of the private key can sign.
 *
 * @param page - the console's address
 * @throws Error if the console does not issue one
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
  if (!response.ok) throw new Error(`${page} issues no link: ${response.status} ${await response.text()}`)
  const { code, expireTime } = (await response.json()) as {
    readonly code: string
    readonly expireTime: string
  }
  return { link: new URL(`#sign-in=${code}`, page).href, expireTime }
}
