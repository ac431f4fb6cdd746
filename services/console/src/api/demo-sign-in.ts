import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { isLoopback } from '@boxoffice/common/config/loopback.ts'
import { requireRole } from '@boxoffice/common/grpc/access.ts'
import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { importJWK, type JWK, SignJWT } from 'jose'
import { objectOf } from './fields.ts'
import { demoRoles } from './roles.ts'
import { createSignInLinks } from './sign-in-links.ts'

export interface DemoOptions {
  readonly authIssuer: string
  readonly authAudience: string
  /** The private key that signs a demo token, as a JWK. */
  readonly demoKeyFile: string
}

/**
 * Signs in by links, on this machine only. A caller with all roles of the demo asks for a link, as `npm start` and the
 * command line do with the private key of the folder. The first request that opens the link gets a demo token. Another
 * user of this machine can reach the page, but cannot read the key, and so gets no token.
 */
export function registerDemoSignIn(app: FastifyInstance, options: DemoOptions): void {
  const links = createSignInLinks()
  app.post('/api/session/links', async (request) => {
    refuseStrangers(request)
    for (const role of demoRoles) requireRole(request.caller, role)
    const { code, expireTime } = links.issue()
    return { code, expireTime: expireTime.toISOString() }
  })
  app.post<{ Body: { readonly code: string } }>(
    '/api/session/demo',
    {
      config: { open: true },
      schema: { body: objectOf({ code: { type: 'string', minLength: 1, maxLength: 64 } }) },
    },
    async (request, reply) => {
      refuseStrangers(request)
      if (!links.redeem(request.body.code)) {
        throw apiError(
          Code.UNAUTHENTICATED,
          ErrorReason.TOKEN_INVALID,
          'This link has been used, or is older than ten minutes: `npx boxoffice console` prints another',
        )
      }
      void reply.header('cache-control', 'no-store')
      return await demoToken(options)
    },
  )
}

const demoHours = 12

async function demoToken({ demoKeyFile, authIssuer, authAudience }: DemoOptions) {
  const jwk = JSON.parse(await readFile(demoKeyFile, 'utf8')) as JWK
  const alg = jwk.alg ?? 'ES256'
  const expireTime = new Date(Date.now() + demoHours * 3_600_000)
  const token = await new SignJWT({ roles: [...demoRoles] })
    .setProtectedHeader({ alg, kid: jwk.kid ?? '' })
    .setSubject('demo')
    .setIssuer(authIssuer)
    .setAudience(authAudience)
    .setIssuedAt()
    .setExpirationTime(expireTime)
    .sign(await importJWK(jwk, alg))
  return { token, expireTime: expireTime.toISOString() }
}

/** Refuses other machines, and foreign pages whose host name was made to resolve to this machine (DNS rebinding). */
function refuseStrangers({ hostname, ip }: FastifyRequest): void {
  if (isLoopback(hostname) && isIP(ip) !== 0 && isLoopback(ip)) return
  throw apiError(
    Code.PERMISSION_DENIED,
    ErrorReason.ROLE_MISSING,
    'The demo sign-in is for this machine only',
  )
}
