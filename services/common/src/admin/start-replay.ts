import {
  type StartReplayRequest,
  StartReplayRequestSchema,
  type StartReplayResponse,
  StartReplayResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { CallContext } from '../grpc/call-context.ts'
import { fingerprintOf, rememberRequest } from '../grpc/request-id.ts'
import { readAllPositions } from '../inbox/positions.ts'
import { deriveResourceId } from '../outbox/message-id.ts'
import { findTargets } from '../replay/find-targets.ts'
import { beginReplay, lockPositions, readReplay, runningReplayId } from '../replay/replay-rows.ts'
import { apiError, Code, ErrorReason } from '../status/errors.ts'
import type { AdminParts } from './admin-parts.ts'
import { planUnlessAhead, requiredRange } from './dry-run-replay.ts'

/** StartReplay: moves the consumer's positions back, in one transaction with the replay that counts what follows. */
export function startReplay(parts: AdminParts) {
  return async (request: StartReplayRequest, call: CallContext): Promise<StartReplayResponse> => {
    const { name, database } = parts
    const range = requiredRange(request)
    const targets = await findTargets(parts, range, Date.now())
    const replayId = deriveResourceId(call.subject, request.requestId)
    return await database.transaction(async (em) => {
      const seen = await rememberRequest(em, {
        subject: call.subject,
        method: 'StartReplay',
        requestId: request.requestId,
        fingerprint: fingerprintOf(StartReplayRequestSchema, request),
        resourceId: replayId,
      })
      if (seen === 'new') {
        await lockPositions(em)
        const running = await runningReplayId(em, name)
        if (running !== undefined) throw replayRunning(name, running)
        const plan = planUnlessAhead(range, targets, await readAllPositions(em, name))
        await beginReplay(em, { replayId, consumer: name, range, startedBy: call.subject }, plan)
      }
      return create(StartReplayResponseSchema, { replay: await readReplay(em, replayId) })
    })
  }
}

function replayRunning(consumer: string, replayId: string): Error {
  return apiError(
    Code.FAILED_PRECONDITION,
    ErrorReason.REPLAY_RUNNING,
    `Another replay of ${consumer} is running: ${replayId}`,
    { replay_id: replayId },
  )
}
