import type { Server } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import type { Readiness } from '../lifecycle/readiness.ts'

/**
 * Serves grpc.health.v1 for the whole server (the empty name) and each service; both follow readiness. Public.
 *
 * @returns what stops following
 */
export function serveHealth(server: Server, services: readonly string[], readiness: Readiness): () => void {
  const health = new HealthImplementation()
  const set = (ready: boolean): void => {
    for (const name of ['', ...services]) health.setStatus(name, ready ? 'SERVING' : 'NOT_SERVING')
  }
  set(readiness.ready)
  health.addToServer(server)
  return readiness.onChange(set)
}
