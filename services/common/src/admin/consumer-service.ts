import { createPositions } from '@boxoffice/messaging/operations'
import { ConsumerService } from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { implement, type ServiceImplementation } from '../grpc/implement.ts'
import { acceptTopic } from './accept-topic.ts'
import type { AdminParts } from './admin-parts.ts'
import { listConsumers } from './list-consumers.ts'

/** The operators' way to the positions of the service's consumer. */
export function consumerService(parts: AdminParts): ServiceImplementation {
  const positions = createPositions(parts)
  return implement(ConsumerService, {
    listConsumers: listConsumers(positions),
    acceptTopic: acceptTopic(positions),
  })
}
