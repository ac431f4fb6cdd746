import type { Positions } from '@boxoffice/messaging/operations'
import {
  type ListConsumersRequest,
  type ListConsumersResponse,
  ListConsumersResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { toConsumer } from './consumer-message.ts'

/** ListConsumers: where the service's consumer is, by its own positions and by what Kafka knows. */
export function listConsumers(positions: Positions) {
  return async (_request: ListConsumersRequest): Promise<ListConsumersResponse> =>
    create(ListConsumersResponseSchema, { consumers: [toConsumer(await positions.read())] })
}
