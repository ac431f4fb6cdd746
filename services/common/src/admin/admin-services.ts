import type { Restorer } from '@boxoffice/messaging/operations'
import type { ServiceImplementation } from '../grpc/implement.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import type { AdminParts } from './admin-parts.ts'
import { consumerService } from './consumer-service.ts'
import { deadLetterService } from './dead-letter-service.ts'
import { replayService } from './replay-service.ts'
import { restoreService } from './restore-service.ts'
import { translateErrors } from './translate-errors.ts'

/**
 * What every service serves for operators, beside its own API. A service that publishes nothing has nothing to
 * restore from.
 */
export function adminServices(
  parts: AdminParts,
  restorer?: Restorer<EntityManager>,
): ServiceImplementation[] {
  return [
    consumerService(parts),
    replayService(parts),
    deadLetterService(parts),
    ...(restorer === undefined ? [] : [restoreService(restorer)]),
  ].map(translateErrors)
}
