import { LRUCache } from 'lru-cache'
import type { Authenticator, TokenHolder } from '../auth/auth.ts'
import { ApiError, Code } from '../status/errors.ts'
import type { AdmissionLimits } from './limits.ts'
import { createPlaces } from './places.ts'
import { createRateBound } from './rate-bound.ts'
import { AdmissionError } from './refusal.ts'
import { createTurns } from './turns.ts'

/** The identity that admission counts calls under. */
export interface Caller {
  /** A subject or an address: its calls count together. */
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

/** Finds the holder of a token before the call is decoded. */
export interface TokenGate {
  /** The subject of a verified token, until the token ends. The pipeline still verifies the token now and then. */
  subjectOf(authorization: string): string | undefined
  /**
   * Verifies a token that is new here, and returns the caller: a stranger if the token is not valid.
   *
   * @throws AdmissionError if the address has sent too many invalid tokens, or too many tokens are being verified
   */
  verify(authorization: string, peer: string): Promise<Caller>
}

/** The number of tokens that are remembered, and of their characters together. */
const tokensMax = 10_000
const tokenCharactersMax = 4_000_000
/** The number of tokens whose signatures are checked at once. Others wait, each address in its turn. */
const verificationsMax = 8
const verificationsPerAddressMax = 4
const waitingMax = 1_000
const waitingPerAddressMax = 500
const never = new AbortController().signal

/**
 * Looks up tokens that were verified before. Any other token costs a signature check: few run at once, and an address
 * whose tokens fail too often is refused without one, so a flood of them costs other callers nothing.
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
          // Other tokens of this address may have failed while this one waited.
          refuseIfMany(peer)
          const holder = await auth.authenticate(authorization)
          verified.set(authorization, holder)
          return knownAs(holder.subject)
        } catch (error) {
          if (error instanceof AdmissionError) throw error
          // A token is not at fault if its keys cannot be read.
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
