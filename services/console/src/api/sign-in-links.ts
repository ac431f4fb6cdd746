import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A code of a link that signs in once. */
export interface SignInCode {
  readonly code: string
  readonly expireTime: Date
}

/** The codes that have been given out and not used yet, by this process. */
export interface SignInLinks {
  issue(): SignInCode
  /** Whether the code was given out, has not been used and is not too old; it is used up with this. */
  redeem(code: string): boolean
}

/** A link is printed and opened; one that was forgotten in a terminal is of no use to anybody. */
const validMs = 600_000
/** One more makes the oldest of no use. */
const codesMax = 8

export function createSignInLinks(now: () => number = Date.now): SignInLinks {
  // Only digests are kept: of equal length, so that they can be compared in constant time.
  let links: { readonly digest: Buffer; readonly expireMs: number }[] = []
  return {
    issue() {
      const code = randomBytes(24).toString('base64url')
      const expireMs = now() + validMs
      links = [...links, { digest: digestOf(code), expireMs }].slice(-codesMax)
      return { code, expireTime: new Date(expireMs) }
    },
    redeem(code) {
      const digest = digestOf(code)
      const found = links.filter((link) => timingSafeEqual(link.digest, digest))
      links = links.filter((link) => !found.includes(link) && link.expireMs > now())
      return found.some((link) => link.expireMs > now())
    },
  }
}

function digestOf(code: string): Buffer {
  return createHash('sha256').update(code).digest()
}
