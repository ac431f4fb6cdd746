import type { Replays } from '@boxoffice/messaging/operations'
import {
  type DryRunReplayRequest,
  type DryRunReplayResponse,
  DryRunReplayResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { requiredRange, toRange, toReplayPartition } from './replay-message.ts'

/** DryRunReplay: what StartReplay would do now. */
export function dryRunReplay(replays: Replays) {
  return async (request: DryRunReplayRequest): Promise<DryRunReplayResponse> => {
    const plan = await replays.plan(toRange(requiredRange(request)))
    return create(DryRunReplayResponseSchema, {
      partitions: plan.map((planned) => toReplayPartition({ ...planned, position: planned.until })),
    })
  }
}
