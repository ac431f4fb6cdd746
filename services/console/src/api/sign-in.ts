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
  /** Where it is not empty, links sign in as well: see {@link registerDemoSignIn}. */
  readonly demoKeyFile: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once `signIn` has seen the token. */
    caller: TokenHolder
  }
}

/**
 * Checks the token and the role of every request, as the services do. Closed is what is registered with `app`, however its path is
 * written in a request (`%61` is an `a` to the router), and whoever leaves out the role of a route closes it further.
 *
 * @returns what checks the tokens, for what goes on after its request
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
    /** Needs no token. */
    open?: boolean
    /** The role that is asked for: left out, it is the viewer's to read and the operator's for everything else. */
    role?: string
  }
}

/** The caller is known to the log also where they are refused. @throws ApiError UNAUTHENTICATED, or PERMISSION_DENIED (ROLE_MISSING) */
async function readCaller(auth: Authenticator, request: FastifyRequest): Promise<void> {
  const tokenFailure = request.place?.tokenFailure
  if (tokenFailure !== undefined) throw tokenFailure
  request.caller = await auth.authenticate(request.headers.authorization)
  const isRead = request.is404 || request.method === 'GET' || request.method === 'HEAD'
  const role = request.routeOptions.config.role ?? (isRead ? viewerRole : operatorRole)
  // Who may operate may read, and buy, as well.
  requireRole(request.caller, ...(role === viewerRole ? [viewerRole, operatorRole] : [role]))
}

/** Metadata that makes a gRPC call in the caller's name, and in their trace. */
export function as({ headers, traceparent }: FastifyRequest): {
  readonly metadata: Readonly<Record<string, string>>
} {
  const { authorization = '' } = headers
  return { metadata: { authorization, ...(traceparent === undefined ? {} : { traceparent }) } }
}
