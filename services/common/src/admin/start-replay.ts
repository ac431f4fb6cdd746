import type { Replays } from '@boxoffice/messaging/operations'
import {
  type StartReplayRequest,
  StartReplayRequestSchema,
  type StartReplayResponse,
  StartReplayResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { CallContext } from '../grpc/call-context.ts'
import { callOf, rememberRequest } from '../grpc/request-id.ts'
import { deriveResourceId } from '../grpc/resource-id.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import { rangeJson, requiredRange, toRange, toReplay } from './replay-message.ts'

/** StartReplay: lets the consumer read a range of its topics again. */
export function startReplay(replays: Replays<EntityManager>) {
  return async (request: StartReplayRequest, { subject }: CallContext): Promise<StartReplayResponse> => {
    const asked = requiredRange(request)
    const replayId = deriveResourceId(subject, request.requestId)
    const call = callOf(StartReplayRequestSchema, request, { subject, resourceId: replayId })
    const replay = await replays.start({
      replayId,
      range: toRange(asked),
      asked: rangeJson(asked),
      subject,
      remember: (em) => rememberRequest(em, call),
    })
    return create(StartReplayResponseSchema, { replay: toReplay(replay) })
  }
}
