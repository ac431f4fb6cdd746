import { ConsumerService } from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { implement, type ServiceImplementation } from '../grpc/implement.ts'
import type { AdminParts } from './admin-parts.ts'
import { deadLetterService } from './dead-letter-service.ts'
import { listConsumers } from './list-consumers.ts'
import { replayService } from './replay-service.ts'

/** What every service serves for operators, beside its own API. */
export function adminServices(parts: AdminParts): ServiceImplementation[] {
  return [
    implement(ConsumerService, { listConsumers: listConsumers(parts) }),
    replayService(parts),
    deadLetterService(parts),
  ]
}
