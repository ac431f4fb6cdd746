import { readFile } from 'node:fs/promises'
import { requireRole } from '@boxoffice/common/grpc/access.ts'
import { type Authenticator, createAuthenticator, type TokenHolder } from '@boxoffice/common/grpc/auth.ts'
import { apiError, Code, ErrorReason } from '@boxoffice/common/grpc/errors.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { importJWK, type JWK, SignJWT } from 'jose'
import type { Me } from '../contract/answers.ts'

export const viewerRole = 'viewer'
export const operatorRole = 'operator'

export interface SignInOptions {
  readonly authJwks: string
  readonly authIssuer: string
  readonly authAudience: string
  readonly authTokenLifeMaxMs: number
  readonly demoKeyFile: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once `signIn` has seen the token. */
    caller: TokenHolder
  }
}

/**
 * Checks the token of every request as the services do, and hands out a demo token where that is set. Closed is what is
 * registered with `app`, however its path is written in a request: `%61` is an `a` to the router.
 */
export function registerSignIn(app: FastifyInstance, options: SignInOptions): void {
  const auth = createAuthenticator({
    jwks: options.authJwks,
    issuer: options.authIssuer,
    audience: options.authAudience,
    tokenLifeMsMax: options.authTokenLifeMaxMs,
  })
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.open !== true) await readCaller(auth, request)
  })
  app.get('/api/session', { config: { open: true } }, async () => ({ demo: options.demoKeyFile !== '' }))
  if (options.demoKeyFile !== '') {
    app.post('/api/session/demo', { config: { open: true } }, async (request) => {
      refuseStrangers(request)
      return await demoToken(options)
    })
  }
  app.get('/api/me', async ({ caller }): Promise<Me> => ({ user: caller.subject, roles: [...caller.roles] }))
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs no token. */
    open?: boolean
  }
}

/** Reading asks for the viewer's role, which who may operate has as well. */
async function readCaller(auth: Authenticator, request: FastifyRequest): Promise<void> {
  request.caller = await auth.authenticate(request.headers.authorization)
  requireRole(request.caller, viewerRole, operatorRole)
}

/** @throws ApiError PERMISSION_DENIED (ROLE_MISSING) */
export function requireOperator({ caller }: FastifyRequest): void {
  requireRole(caller, operatorRole)
}

/** Metadata that makes a gRPC call in the caller's name, and in their trace. */
export function as({ headers, traceparent }: FastifyRequest): {
  readonly metadata: Readonly<Record<string, string>>
} {
  const { authorization = '' } = headers
  return { metadata: { authorization, ...(traceparent === undefined ? {} : { traceparent }) } }
}

const demoHours = 12

async function demoToken({ demoKeyFile, authIssuer, authAudience }: SignInOptions) {
  const jwk = JSON.parse(await readFile(demoKeyFile, 'utf8')) as JWK
  const alg = jwk.alg ?? 'ES256'
  const expireTime = new Date(Date.now() + demoHours * 3_600_000)
  const token = await new SignJWT({ roles: [viewerRole, operatorRole] })
    .setProtectedHeader({ alg, kid: jwk.kid ?? '' })
    .setSubject('demo')
    .setIssuer(authIssuer)
    .setAudience(authAudience)
    .setIssuedAt()
    .setExpirationTime(expireTime)
    .sign(await importJWK(jwk, alg))
  return { token, expireTime: expireTime.toISOString() }
}

/** A page of somebody else's that was made to resolve to this machine must not get a token. */
function refuseStrangers({ hostname }: FastifyRequest): void {
  if (/^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)) return
  throw apiError(
    Code.PERMISSION_DENIED,
    ErrorReason.ROLE_MISSING,
    'The demo sign-in is for this machine only',
  )
}
