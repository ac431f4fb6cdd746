import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose'
import { ApiError, apiError, Code, ErrorReason } from '../status/errors.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Identity } from './identity.ts'
import { createJwksFile } from './jwks-file.ts'
import { createJwksUrl } from './jwks-url.ts'

export interface AuthOptions {
  /** A JWKS: a file's path or an http(s) URL. */
  readonly jwks: string
  readonly issuer: string
  readonly audience: string
  /** The longest life of a token, from its issue to its expiry; a day unless given. */
  readonly tokenLifeMsMax?: number
  /** The number of verified tokens that are remembered. */
  readonly cacheSize?: number
  /** Milliseconds since 1970; the machine's clock unless given. */
  readonly now?: () => number
  /** Logs when keys at a URL cannot be read any more, and when they can be read again. */
  readonly log?: Logger
}

export interface Authenticator {
  /**
   * Verifies an `authorization` header and returns the holder of its token.
   *
   * @throws ApiError UNAUTHENTICATED (TOKEN_MISSING, TOKEN_INVALID), UNAVAILABLE (NOT_READY) if the keys cannot be read
   */
  authenticate(authorization: string | undefined): Promise<TokenHolder> | TokenHolder
}

/** The holder of a token. */
export interface TokenHolder extends Identity {
  /** The token is refused from then on, in milliseconds since 1970. What it has opened ends by then. */
  readonly tokenEndsAtMs: number
}

interface Verified extends TokenHolder {
  readonly rememberedUntilMs: number
}

/** A remembered token is verified again after this time, so that a withdrawn key stops working. */
const cacheMsMax = 60_000
const tokenLengthMax = 8_192
const dayMs = 86_400_000
const clockToleranceS = 5

/** Verifies bearer tokens: signature by a key of the JWKS, issuer, audience, times, life, subject and roles. */
export function createAuthenticator(options: AuthOptions): Authenticator {
  const { issuer, audience, tokenLifeMsMax = dayMs, cacheSize = 10_000, now: clock = Date.now } = options
  const keys = keysOf(options)
  // A verification costs ten times the rest of a call, and a caller sends the same token again and again.
  const verified = new Map<string, Verified>()

  const verify = async (token: string): Promise<TokenHolder> => {
    const payload = await verifiedPayload(token, keys, { issuer, audience, currentDate: new Date(clock()) })
    const now = clock()
    refuseLongLife(payload, now, tokenLifeMsMax)
    const expiresAtMs = (payload.exp ?? 0) * 1000
    const rememberedUntilMs = Math.min(expiresAtMs, now + cacheMsMax)
    const identity: Verified = {
      subject: subjectOf(payload),
      roles: rolesOf(payload),
      tokenEndsAtMs: expiresAtMs + clockToleranceS * 1000,
      rememberedUntilMs,
    }
    if (verified.size >= cacheSize) {
      const oldest = verified.keys().next()
      if (!oldest.done) verified.delete(oldest.value)
    }
    if (rememberedUntilMs > now) verified.set(token, identity)
    return identity
  }

  return {
    authenticate(authorization) {
      const token = tokenOf(authorization)
      const known = verified.get(token)
      if (known === undefined) return verify(token)
      if (known.rememberedUntilMs > clock()) return known
      verified.delete(token)
      return verify(token)
    },
  }
}

/** Finds the key for a token. An error while reading keys is no fault of the token. */
function keysOf({ jwks, log, now }: AuthOptions): JWTVerifyGetKey {
  const find = /^https?:\/\//.test(jwks) ? createJwksUrl(jwks, { log, now }) : keysIn(jwks)
  return async (header, token) => {
    try {
      return await find(header, token)
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys)
        throw cause
      const message = 'The service cannot read the keys of tokens at the moment; try again'
      throw new ApiError({ code: Code.UNAVAILABLE, reason: 'NOT_READY', message, cause })
    }
  }
}

function keysIn(path: string): JWTVerifyGetKey {
  const file = createJwksFile(path)
  return async (header, token) => (await file.read())(header, token)
}

async function verifiedPayload(
  token: string,
  keys: JWTVerifyGetKey,
  expected: Pick<JWTVerifyOptions, 'issuer' | 'audience' | 'currentDate'>,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      ...expected,
      algorithms: ['ES256', 'EdDSA', 'RS256'],
      clockTolerance: clockToleranceS,
      requiredClaims: ['sub', 'exp'],
    })
    return payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw tokenExpired()
    if (error instanceof errors.JOSEError) throw invalid('The token is not valid here')
    throw error
  }
}

/** Refuses a token whose life is too long. A token without a time of issue, or with a future one, counts from now. */
function refuseLongLife({ iat, exp = 0 }: JWTPayload, now: number, lifeMsMax: number): void {
  const issuedAtMs = typeof iat === 'number' ? Math.min(iat * 1000, now) : now
  if (exp * 1000 - issuedAtMs <= lifeMsMax + clockToleranceS * 1000) return
  throw invalid(`The token is valid for longer than ${lifeMsMax / 1000} seconds, the most that is taken here`)
}

function tokenOf(authorization: string | undefined): string {
  if (authorization === undefined || authorization === '') {
    throw apiError(Code.UNAUTHENTICATED, ErrorReason.TOKEN_MISSING, 'The call carries no bearer token')
  }
  const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? []
  if (token === undefined || token.length > tokenLengthMax)
    throw invalid('The authorization is not a bearer token')
  return token
}

function subjectOf(payload: JWTPayload): string {
  const subject = payload.sub
  if (typeof subject !== 'string' || !/^[\x20-\x7e]{1,128}$/.test(subject)) {
    throw invalid('The subject of the token is not 1 to 128 printable ASCII characters')
  }
  return subject
}

function rolesOf(payload: JWTPayload): ReadonlySet<string> {
  const roles = payload.roles ?? []
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string')) {
    throw invalid('The roles of the token are not a list of text')
  }
  return new Set(roles)
}

export function tokenExpired(): ApiError {
  return invalid('The token has expired')
}

function invalid(message: string): ApiError {
  return apiError(Code.UNAUTHENTICATED, ErrorReason.TOKEN_INVALID, message)
}
