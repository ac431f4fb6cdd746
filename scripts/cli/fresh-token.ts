/** The life of a token of the command line: longer than any call, far shorter than some commands. */
export const tokenSeconds = 3_600
/** The margin for slow calls, and for services whose clock is ahead. */
const renewBeforeSeconds = 300

/**
 * Returns a function that gives a token for each call of a command that may run for days. It signs the first one on
 * the first call, and a new one when less than five minutes are left.
 *
 * @param sign - signs a token that is valid for this many seconds
 * @param now - milliseconds since 1970
 */
export function freshToken(
  sign: (validForSeconds: number) => Promise<string>,
  now = (): number => Date.now(),
): () => Promise<string> {
  let token: Promise<string> | undefined
  let renewAtMs = 0
  return () => {
    if (token === undefined || now() >= renewAtMs) {
      renewAtMs = now() + (tokenSeconds - renewBeforeSeconds) * 1_000
      token = sign(tokenSeconds)
    }
    return token
  }
}
