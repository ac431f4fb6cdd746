import { startReplay as beginReplay, findTargets, readReplay } from '@boxoffice/messaging/operations'
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
import type { AdminParts } from './admin-parts.ts'
import { rangeJson, requiredRange, toRange, toReplay } from './replay-message.ts'

/** StartReplay: moves the consumer's positions back, in one transaction with the replay that counts what follows. */
export function startReplay(parts: AdminParts) {
  return async (request: StartReplayRequest, call: CallContext): Promise<StartReplayResponse> => {
    const { name, database } = parts
    const asked = requiredRange(request)
    const range = toRange(asked)
    const targets = await findTargets(parts, range, Date.now())
    const replayId = deriveResourceId(call.subject, request.requestId)
    return await database.transaction(async (em) => {
      const seen = await rememberRequest(
        em,
        callOf(StartReplayRequestSchema, request, { subject: call.subject, resourceId: replayId }),
      )
      if (seen === 'new') {
        const { from } = range
        const replay = { replayId, consumer: name, range: rangeJson(asked), from, startedBy: call.subject }
        await beginReplay(em, replay, targets)
      }
      return create(StartReplayResponseSchema, { replay: toReplay(await readReplay(em, replayId)) })
    })
  }
}
