import type { Server } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import type { Readiness } from '../lifecycle/readiness.ts'
import { ApiError, Code } from '../status/errors.ts'
import { guardForeign } from './guard-foreign.ts'

/**
 * Serves grpc.health.v1 for the whole server (the empty name) and each service; both follow readiness. Public.
 *
 * @returns the function that stops following
 */
export function serveHealth(server: Server, services: readonly string[], readiness: Readiness): () => void {
  const health = new HealthImplementation()
  const set = (ready: boolean): void => {
    for (const name of ['', ...services]) health.setStatus(name, ready ? 'SERVING' : 'NOT_SERVING')
  }
  set(readiness.ready)
  // The library keeps every name that was ever watched, and callers choose the names.
  const refuse = ({ service = '' }: { readonly service?: string }): ApiError | undefined =>
    service === '' || services.includes(service)
      ? undefined
      : new ApiError({ code: Code.NOT_FOUND, reason: '', message: 'There is no such service here' })
  health.addToServer(guardForeign(server, { refuse }))
  return readiness.onChange(set)
}
