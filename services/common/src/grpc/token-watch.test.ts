import { expect } from 'chai'
import type { Authenticator } from '../auth/auth.ts'
import { type ApiError, apiError, Code, ErrorReason } from '../status/errors.ts'
import { watchToken } from './token-watch.ts'

const refusal = apiError(Code.UNAUTHENTICATED, ErrorReason.TOKEN_INVALID, 'The token is not valid here')
const notReady = apiError(Code.UNAVAILABLE, ErrorReason.NOT_READY, 'No keys')
const hourMs = 3_600_000

describe('a stream of a token', () => {
  /** Why the stream ended and how often the token was verified until then, if the checks have these outcomes. */
  async function endOf(
    outcomes: readonly (ApiError | undefined)[],
    restMs = hourMs,
  ): Promise<{ reason: ApiError; checks: number }> {
    let checks = 0
    const auth: Authenticator = {
      async authenticate() {
        const outcome = outcomes[Math.min(checks, outcomes.length - 1)]
        checks += 1
        if (outcome !== undefined) throw outcome
        return { subject: 'ada', roles: new Set(), tokenEndsAtMs }
      },
    }
    const tokenEndsAtMs = Date.now() + restMs
    const reason = await new Promise<ApiError>((resolve) => {
      watchToken({ auth, authorization: 'Bearer x', checkMs: 5 }, { tokenEndsAtMs }, resolve)
    })
    return { reason, checks }
  }

  it('ends when its key is withdrawn', async () => {
    expect(await endOf([undefined, undefined, refusal])).to.deep.equal({ reason: refusal, checks: 3 })
  })

  it('continues while the keys cannot be read, but not past the end of the token', async () => {
    expect(await endOf([notReady, notReady, refusal])).to.deep.equal({ reason: refusal, checks: 3 })
    const { reason } = await endOf([notReady], 30)
    expect(reason).to.include({ code: Code.UNAUTHENTICATED, message: 'The token has expired' })
  })
})
