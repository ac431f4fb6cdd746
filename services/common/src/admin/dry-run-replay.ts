import { findTargets, planUnlessAhead, readAllPositions } from '@boxoffice/messaging/operations'
import {
  type DryRunReplayRequest,
  type DryRunReplayResponse,
  DryRunReplayResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { AdminParts } from './admin-parts.ts'
import { requiredRange, toRange, toReplayPartition } from './replay-message.ts'

/** DryRunReplay: what StartReplay would do now. */
export function dryRunReplay(parts: AdminParts) {
  return async (request: DryRunReplayRequest): Promise<DryRunReplayResponse> => {
    const range = toRange(requiredRange(request))
    const targets = await findTargets(parts, range, Date.now())
    const positions = await readAllPositions(parts.database.em(), parts.name)
    const plan = planUnlessAhead(range.from, targets, positions)
    return create(DryRunReplayResponseSchema, {
      partitions: plan.map((planned) => toReplayPartition({ ...planned, position: planned.until })),
    })
  }
}
