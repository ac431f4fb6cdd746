import { isIPv6 } from 'node:net'
import type { SecurityKind, SecurityLog } from '@boxoffice/common/telemetry/security-log.ts'
import { parseTraceparent } from '@boxoffice/messaging/telemetry'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Records every request that changes something, and every refusal of the API, in the security log. */
export function recordSecurity(app: FastifyInstance, security: SecurityLog): void {
  app.addHook('onResponse', async (request, { statusCode }) => {
    const kind = kindOf(request.method, statusCode)
    if (kind === undefined) return
    security.record({
      kind,
      subject: request.caller?.subject ?? '',
      peer: peerOf(request),
      method: `${request.method} ${request.routeOptions.url ?? ''}`,
      ids: idsOf(request),
      outcome: String(statusCode),
      traceId: parseTraceparent(request.traceparent)?.traceId,
    })
  })
}

function kindOf(method: string, statusCode: number): SecurityKind | undefined {
  switch (statusCode) {
    case 401:
      return 'unauthenticated'
    case 403:
      return 'permission_denied'
    case 429:
      return 'not_admitted'
    default:
      return method === 'GET' || method === 'HEAD' ? undefined : 'change'
  }
}

function peerOf({ ip, socket }: FastifyRequest): string {
  return `${isIPv6(ip) ? `[${ip}]` : ip}:${socket.remotePort ?? 0}`
}

/** The parameters of the path and the request's id, where they are short texts. */
function idsOf({ params, body }: FastifyRequest): Readonly<Record<string, string>> {
  const { requestId } = (body ?? {}) as { readonly requestId?: unknown }
  const named = Object.entries({ ...(params as object), requestId })
  return Object.fromEntries(
    named.filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1].length <= 64),
  )
}
