import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** The code of a link that signs in once. */
export interface SignInCode {
  readonly code: string
  readonly expireTime: Date
}

/** The codes that this process has issued and that have not been used yet. */
export interface SignInLinks {
  issue(): SignInCode
  /** Returns whether the code was issued, is unused and has not expired. The call uses it up. */
  redeem(code: string): boolean
}

/** Short, because a link is printed and opened at once: one that is left in a terminal must not stay valid. */
const validMs = 600_000
/** One more code makes the oldest invalid. */
const codesMax = 8

export function createSignInLinks(now: () => number = Date.now): SignInLinks {
  // Only digests are kept. They have the same length, so that they can be compared in constant time.
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
