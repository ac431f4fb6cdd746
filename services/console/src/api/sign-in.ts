import { type Authenticator, createAuthenticator, type TokenHolder } from '@boxoffice/common/auth/auth.ts'
import { requireRole } from '@boxoffice/common/grpc/access.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Me } from '../contract/answers.ts'
import { registerDemoSignIn } from './demo-sign-in.ts'
import { operatorRole, viewerRole } from './roles.ts'

export interface SignInOptions {
  readonly authJwks: string
  readonly authIssuer: string
  readonly authAudience: string
  readonly authTokenLifeMaxMs: number
  /** If not empty, links can sign in as well: see {@link registerDemoSignIn}. */
  readonly demoKeyFile: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller, once the token has been verified. */
    caller: TokenHolder
  }
}

/**
 * Checks the token and the role of every request, as the services do. Every route of `app` is closed, however a
 * request writes its path (`%61` is an `a` to the router). A route that names no role asks for the default of its kind:
 * reads need a viewer, all other requests an operator.
 *
 * @returns the authenticator, for streams that outlast the check of their request
 */
export function registerSignIn(app: FastifyInstance, options: SignInOptions): Authenticator {
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
  if (options.demoKeyFile !== '') registerDemoSignIn(app, options)
  app.get('/api/me', async ({ caller }): Promise<Me> => ({ user: caller.subject, roles: [...caller.roles] }))
  return auth
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for a route that needs no token. */
    open?: boolean
    /**
     * The role that the route asks for. Without one it is the viewer's for reads and the operator's for everything
     * else.
     */
    role?: string
  }
}

/**
 * Sets the caller before it checks the role, so that the log of a refusal names the caller.
 *
 * @throws ApiError UNAUTHENTICATED, or PERMISSION_DENIED (ROLE_MISSING)
 */
async function readCaller(auth: Authenticator, request: FastifyRequest): Promise<void> {
  const tokenFailure = request.place?.tokenFailure
  if (tokenFailure !== undefined) throw tokenFailure
  request.caller = await auth.authenticate(request.headers.authorization)
  const isRead = request.is404 || request.method === 'GET' || request.method === 'HEAD'
  const role = request.routeOptions.config.role ?? (isRead ? viewerRole : operatorRole)
  // An operator may also read and buy.
  requireRole(request.caller, ...(role === viewerRole ? [viewerRole, operatorRole] : [role]))
}

/** Call options that make a gRPC call in the caller's name and trace. */
export function asCaller({ headers, traceparent }: FastifyRequest): {
  readonly metadata: Readonly<Record<string, string>>
} {
  const { authorization = '' } = headers
  return { metadata: { authorization, ...(traceparent === undefined ? {} : { traceparent }) } }
}
