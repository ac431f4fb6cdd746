import { askKafka, topicRanges } from '@boxoffice/kafka'
import { acceptTopic as acceptStored, consumerNotFound, lockPositions } from '@boxoffice/messaging/operations'
import {
  AcceptFrom,
  type AcceptTopicRequest,
  AcceptTopicRequestSchema,
  type AcceptTopicResponse,
  AcceptTopicResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { ErrorReason } from '@boxoffice/proto/boxoffice/type/v1/error_reason_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { CallContext } from '../grpc/call-context.ts'
import { callOf, rememberRequest } from '../grpc/request-id.ts'
import { deriveResourceId } from '../grpc/resource-id.ts'
import { type ApiError, apiError, Code } from '../status/errors.ts'
import type { AdminParts } from './admin-parts.ts'
import { readConsumer } from './list-consumers.ts'

/** AcceptTopic: moves the consumer's positions into the topic that has the name now. */
export function acceptTopic(parts: AdminParts) {
  return async (request: AcceptTopicRequest, call: CallContext): Promise<AcceptTopicResponse> => {
    const { name, handler, database, kafka } = parts
    const { consumer, topic, requestId } = request
    if (consumer !== name)
      throw consumerNotFound(`This service has no consumer ${consumer}; its consumer is ${name}`)
    if (!handler.topics.includes(topic))
      throw consumerNotFound(`${name} does not read ${topic}; it reads ${handler.topics.join(', ')}`)
    const found = await askKafka(kafka, (admin) => topicRanges(admin, topic))
    const begins = new Map(
      [...found.ranges].map(([partition, { begin, end }]) => [
        partition,
        request.from === AcceptFrom.END ? end : begin,
      ]),
    )
    await database.transaction(async (em) => {
      const seen = await rememberRequest(
        em,
        callOf(AcceptTopicRequestSchema, request, {
          subject: call.subject,
          resourceId: deriveResourceId(call.subject, requestId),
        }),
      )
      if (seen === 'repeated') return
      const { topicId } = found
      if (topicId === undefined) throw notRecreated(`Kafka does not say whether ${topic} was created again`)
      await lockPositions(em)
      if (!(await acceptStored(em, { consumer, topic, topicId, begins })))
        throw notRecreated(
          `${topic} was not created again since ${consumer} has read it: there is nothing to accept`,
        )
    })
    return create(AcceptTopicResponseSchema, { consumer: await readConsumer(parts) })
  }
}

function notRecreated(message: string): ApiError {
  return apiError(Code.FAILED_PRECONDITION, ErrorReason.TOPIC_NOT_RECREATED, message)
}
