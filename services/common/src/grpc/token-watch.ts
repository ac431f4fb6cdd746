import { type Authenticator, type TokenHolder, tokenExpired } from '../auth/auth.ts'
import { ApiError, Code } from '../status/errors.ts'

/** How often a token that has not expired is verified again, in case its key was withdrawn. */
const checkMsMax = 60_000

/**
 * Ends a token's stream when the token expires, and within two minutes after its key was withdrawn.
 *
 * @param end - called once, with the reason why the token is refused
 * @returns the function that stops watching
 */
export function watchToken(
  {
    auth,
    authorization,
    checkMs = checkMsMax,
  }: {
    readonly auth: Authenticator
    readonly authorization: string | undefined
    readonly checkMs?: number | undefined
  },
  { tokenEndsAtMs }: Pick<TokenHolder, 'tokenEndsAtMs'>,
  end: (refusal: ApiError) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const check = async (): Promise<void> => {
    const refusal = await refusalOf(auth, authorization)
    if (stopped) return
    if (refusal === undefined && Date.now() < tokenEndsAtMs) checkLater()
    else end(refusal ?? tokenExpired())
  }
  // A timer can count at most 24 days, and this is far below.
  const checkLater = (): void => {
    const restMs = Math.max(0, tokenEndsAtMs - Date.now())
    timer = setTimeout(() => void check(), Math.min(restMs, checkMs))
  }
  checkLater()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

/** The error if a token is refused now. Keys that cannot be read say nothing about the token. */
async function refusalOf(
  auth: Authenticator,
  authorization: string | undefined,
): Promise<ApiError | undefined> {
  try {
    await auth.authenticate(authorization)
    return undefined
  } catch (error) {
    return error instanceof ApiError && error.code === Code.UNAUTHENTICATED ? error : undefined
  }
}
