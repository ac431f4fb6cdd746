import type { Replays } from '@boxoffice/messaging/operations'
import {
  type CancelReplayRequest,
  CancelReplayRequestSchema,
  type CancelReplayResponse,
  CancelReplayResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { CallContext } from '../grpc/call-context.ts'
import { callOf, rememberRequest } from '../grpc/request-id.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import { toReplay } from './replay-message.ts'

/** CancelReplay: lets the consumer go on from where it was before the replay. */
export function cancelReplay(replays: Replays<EntityManager>) {
  return async (request: CancelReplayRequest, { subject }: CallContext): Promise<CancelReplayResponse> => {
    const { replayId } = request
    const call = callOf(CancelReplayRequestSchema, request, { subject, resourceId: replayId })
    const replay = await replays.cancel({ replayId, subject, remember: (em) => rememberRequest(em, call) })
    return create(CancelReplayResponseSchema, { replay: toReplay(replay) })
  }
}
