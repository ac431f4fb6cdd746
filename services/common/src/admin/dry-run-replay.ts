import {
  type DryRunReplayRequest,
  type DryRunReplayResponse,
  DryRunReplayResponseSchema,
  type ReplayPartition,
  ReplayPartitionSchema,
  type ReplayRange,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { type Position, readAllPositions } from '../inbox/positions.ts'
import { findTargets, replayFromFuture } from '../replay/find-targets.ts'
import { type PlannedPartition, planReplay, type ReplayTarget, targetsAhead } from '../replay/plan-replay.ts'
import type { AdminParts } from './admin-parts.ts'

/** DryRunReplay: what StartReplay would do now. */
export function dryRunReplay(parts: AdminParts) {
  return async (request: DryRunReplayRequest): Promise<DryRunReplayResponse> => {
    const range = requiredRange(request)
    const targets = await findTargets(parts, range, Date.now())
    const positions = await readAllPositions(parts.database.em(), parts.name)
    const plan = planUnlessAhead(range, targets, positions)
    return create(DryRunReplayResponseSchema, { partitions: plan.map(toReplayPartition) })
  }
}

/** protovalidate has seen to it. */
export function requiredRange({ range }: { readonly range?: ReplayRange | undefined }): ReplayRange {
  if (range === undefined) throw new Error('a request without a range passed validation')
  return range
}

/**
 * The plan for a range, unless an offset lies past what was read.
 *
 * @throws ApiError INVALID_ARGUMENT (REPLAY_FROM_FUTURE)
 */
export function planUnlessAhead(
  { from }: ReplayRange,
  targets: readonly ReplayTarget[],
  positions: readonly Position[],
): PlannedPartition[] {
  const [ahead, ...more] = targetsAhead(targets, positions)
  const refused = from.case === 'offsets' || (from.case === 'offset' && more.length + 1 === targets.length)
  if (ahead !== undefined && refused) {
    const { topic, partition, from: offset } = ahead
    throw replayFromFuture(
      `The consumer has not read ${topic}/${partition} up to ${offset} yet: from there it would skip records`,
    )
  }
  return planReplay(targets, positions)
}

function toReplayPartition({
  topic,
  partition,
  target,
  until,
  end,
  gone,
}: PlannedPartition): ReplayPartition {
  return create(ReplayPartitionSchema, {
    topic,
    partition,
    position: until,
    targetOffset: target,
    untilOffset: until,
    endOffset: end,
    records: until - target,
    gone,
  })
}
