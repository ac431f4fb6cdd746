import { LRUCache } from 'lru-cache'
import type { Authenticator, TokenHolder } from '../auth/auth.ts'
import { ApiError, Code } from '../status/errors.ts'
import type { AdmissionLimits } from './limits.ts'
import { createPlaces } from './places.ts'
import { createRateBound } from './rate-bound.ts'
import { AdmissionError } from './refusal.ts'
import { createTurns } from './turns.ts'

/** Who calls, as far as bounds are concerned. */
export interface Caller {
  /** A subject or an address: what is counted together. */
  readonly key: string
  readonly isKnown: boolean
  readonly failure?: unknown
}

export function knownAs(subject: string): Caller {
  return { key: `subject ${subject}`, isKnown: true }
}

export function strangerAt(peer: string, failure?: unknown): Caller {
  return { key: `address ${peer}`, isKnown: false, failure }
}

/** Whose token it is. */
export interface TokenGate {
  /** The subject of a token that was verified, until the token ends. The pipeline still verifies it now and then. */
  subjectOf(authorization: string): string | undefined
  /**
   * Verifies a token that is new here: the caller, who is a stranger if it is not valid.
   *
   * @throws AdmissionError if the address has sent too many that were not valid, or too many are being verified
   */
  verify(authorization: string, peer: string): Promise<Caller>
}

/** Tokens that are remembered, and the characters of all of them. */
const tokensMax = 10_000
const tokenCharactersMax = 4_000_000
/** Tokens whose signatures are checked at once; more wait, each address in its turn. */
const verificationsMax = 8
const verificationsPerAddressMax = 4
const waitingMax = 1_000
const waitingPerAddressMax = 500
const never = new AbortController().signal

/**
 * Looks up tokens that were verified before. The rest costs a signature check: few run at once, and an address whose tokens fail
 * too often is refused without one, so a flood of them costs others nothing.
 */
export function createTokenGate(
  auth: Authenticator,
  limits: Pick<AdmissionLimits, 'failedTokensPerSecond' | 'failedTokensBurst'>,
): TokenGate {
  const verified = new LRUCache<string, TokenHolder>({
    max: tokensMax,
    maxSize: tokenCharactersMax,
    sizeCalculation: (_, token) => token.length + 1,
  })
  const failures = createRateBound({
    unitsPerSecond: limits.failedTokensPerSecond,
    burstUnits: limits.failedTokensBurst,
  })
  const turns = createTurns({ unitsMax: verificationsMax, unitsPerKeyMax: verificationsPerAddressMax })
  const asking = createPlaces({ call: { perProcess: waitingMax, perCaller: waitingPerAddressMax } })

  const refuseIfMany = (peer: string): void => {
    const waitMs = failures.waitMs(peer, 1)
    if (waitMs > 0) throw new AdmissionError('failed_tokens_per_address', waitMs)
  }

  return {
    subjectOf(authorization) {
      const holder = verified.get(authorization)
      if (holder === undefined) return undefined
      if (holder.tokenEndsAtMs > Date.now()) return holder.subject
      verified.delete(authorization)
      return undefined
    },
    async verify(authorization, peer) {
      refuseIfMany(peer)
      asking.enter('call', peer, () => false)
      try {
        await turns.take(peer, 1, never)
        try {
          // Others of the same address may have failed meanwhile.
          refuseIfMany(peer)
          const holder = await auth.authenticate(authorization)
          verified.set(authorization, holder)
          return knownAs(holder.subject)
        } catch (error) {
          if (error instanceof AdmissionError) throw error
          // Keys that cannot be read are no fault of the token.
          if (error instanceof ApiError && error.code === Code.UNAUTHENTICATED) failures.take(peer, 1)
          return strangerAt(peer, error)
        } finally {
          turns.give(peer, 1)
        }
      } finally {
        asking.leave('call', peer)
      }
    },
  }
}
