import type { Restorer } from '@boxoffice/messaging/operations'
import { RestoreService } from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import { implement, type ServiceImplementation } from '../grpc/implement.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import { getRestore } from './get-restore.ts'
import { startRestore } from './start-restore.ts'

/** The operators' way to bring a database that came back from a backup up to what the service has published. */
export function restoreService(restorer: Restorer<EntityManager>): ServiceImplementation {
  return implement(RestoreService, { startRestore: startRestore(restorer), getRestore: getRestore(restorer) })
}
