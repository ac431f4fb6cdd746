import type { Positions } from '@boxoffice/messaging/operations'
import {
  AcceptFrom,
  type AcceptTopicRequest,
  AcceptTopicRequestSchema,
  type AcceptTopicResponse,
  AcceptTopicResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { CallContext } from '../grpc/call-context.ts'
import { callOf, rememberRequest } from '../grpc/request-id.ts'
import { deriveResourceId } from '../grpc/resource-id.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import { toConsumer } from './consumer-message.ts'

/** AcceptTopic: moves the consumer's positions into the topic that has the name now. */
export function acceptTopic(positions: Positions<EntityManager>) {
  return async (request: AcceptTopicRequest, { subject }: CallContext): Promise<AcceptTopicResponse> => {
    const { consumer, topic, requestId } = request
    const call = callOf(AcceptTopicRequestSchema, request, {
      subject,
      resourceId: deriveResourceId(subject, requestId),
    })
    const accepted = await positions.acceptTopic({
      consumer,
      topic,
      from: request.from === AcceptFrom.END ? 'end' : 'earliest',
      remember: (em) => rememberRequest(em, call),
    })
    return create(AcceptTopicResponseSchema, { consumer: toConsumer(accepted) })
  }
}
