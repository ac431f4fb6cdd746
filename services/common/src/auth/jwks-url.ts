import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose'
import type { Logger } from '../telemetry/log.ts'

export interface JwksUrlOptions {
  readonly log?: Pick<Logger, 'info' | 'warn'> | undefined
  /** Milliseconds since 1970; the machine's clock unless given. */
  readonly now?: (() => number) | undefined
  /** Keys are read again after this time, and not before; in milliseconds. */
  readonly readAgainMs?: number
}

/** While the keys cannot be read again, the previous ones stay in force for this time. */
const staleMsMax = 24 * 3_600_000

/**
 * The keys of a JWKS at a URL. They are read again when they are old, and at most every half minute when a token names
 * an unknown key. While that fails, the previous keys stay in force for a day: the issuer may be away for a while, and
 * the tokens that it has signed are good. An unknown key is then no fault of the token.
 *
 * @returns a function that finds the key for a token. It throws JWKSNoMatchingKey, JWKSMultipleMatchingKeys, or the
 * error that prevented reading the keys
 */
export function createJwksUrl(url: string, options: JwksUrlOptions = {}): JWTVerifyGetKey {
  const { log, now = Date.now, readAgainMs = 600_000 } = options
  let last: { readonly body: string; readonly readAtMs: number } | undefined
  let failure: { readonly cause: unknown } | undefined

  /** Answers jose with the previous keys if reading fails. jose then leaves the URL alone for its usual time. */
  const readOrRemember: typeof fetch = async (at, init) => {
    try {
      const body = await readKeys(at, init)
      if (failure !== undefined) log?.info({ url }, 'the keys of tokens can be read again')
      last = { body, readAtMs: now() }
      failure = undefined
      return new Response(body)
    } catch (cause) {
      if (last === undefined || now() - last.readAtMs > staleMsMax) throw cause
      if (failure === undefined)
        log?.warn({ err: cause, url }, 'the keys of tokens cannot be read; those of before stay in force')
      failure = { cause }
      return new Response(last.body)
    }
  }

  const find = createRemoteJWKSet(new URL(url), {
    timeoutDuration: 3_000,
    cacheMaxAge: readAgainMs,
    [customFetch]: readOrRemember,
  })
  return async (header, token) => {
    try {
      return await find(header, token)
    } catch (error) {
      if (failure !== undefined && error instanceof errors.JWKSNoMatchingKey) throw failure.cause
      throw error
    }
  }
}

/** The body of a JWKS. @throws Error if the answer is not a JWKS */
async function readKeys(...[at, init]: Parameters<typeof fetch>): Promise<string> {
  const response = await fetch(at, init)
  const body = await response.text()
  if (response.status !== 200) throw new Error(`the answer is ${response.status}`)
  createLocalJWKSet(JSON.parse(body))
  return body
}
