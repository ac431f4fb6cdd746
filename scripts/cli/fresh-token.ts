/** How long a token of the command line is valid: longer than any call, far shorter than some commands. */
export const tokenSeconds = 3_600
/** For a call that takes its time on the way, and for a service whose clock is ahead. */
const renewBeforeSeconds = 300

/**
 * A token for each call of a command that may run for days: signed when it is first asked for, and anew when less than five
 * minutes are left of it.
 *
 * @param sign - signs a token that is valid for so many seconds
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
