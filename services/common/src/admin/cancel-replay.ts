import { endReplay, lockPositions, readReplay } from '@boxoffice/messaging/operations'
import {
  type CancelReplayRequest,
  CancelReplayRequestSchema,
  type CancelReplayResponse,
  CancelReplayResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { CallContext } from '../grpc/call-context.ts'
import { callOf, rememberRequest } from '../grpc/request-id.ts'
import type { AdminParts } from './admin-parts.ts'
import { toReplay } from './replay-message.ts'

/**
 * CancelReplay: lets the consumer go on from where it stood before. No record is skipped by that: this database had
 * processed, or put aside, everything before that place.
 */
export function cancelReplay({ database }: AdminParts) {
  return async (request: CancelReplayRequest, call: CallContext): Promise<CancelReplayResponse> => {
    const { replayId } = request
    return await database.transaction(async (em) => {
      const seen = await rememberRequest(
        em,
        callOf(CancelReplayRequestSchema, request, { subject: call.subject, resourceId: replayId }),
      )
      if (seen === 'new') {
        await lockPositions(em)
        await endReplay(em, replayId, call.subject)
      }
      return create(CancelReplayResponseSchema, { replay: toReplay(await readReplay(em, replayId)) })
    })
  }
}
