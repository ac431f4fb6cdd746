import type { ReplayRange as Range, StoredReplay } from '@boxoffice/messaging/operations'
import {
  type Replay,
  type ReplayPartition,
  ReplayPartitionSchema,
  ReplayPhase,
  type ReplayRange,
  ReplayRangeSchema,
  ReplaySchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create, fromJson, type JsonValue, toJson } from '@bufbuild/protobuf'
import { timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt'

/** The range of a request: protovalidate requires it. */
export function requiredRange({ range }: { readonly range?: ReplayRange | undefined }): ReplayRange {
  if (range === undefined) throw new Error('a request without a range passed validation')
  return range
}

/** A range as messaging takes it. */
export function toRange({ consumer, topics, from }: ReplayRange): Range {
  return { consumer, topics, from: toFrom(from) }
}

/** A range as it is stored with a replay. */
export function rangeJson(range: ReplayRange): JsonValue {
  return toJson(ReplayRangeSchema, range)
}

export function toReplay(stored: StoredReplay): Replay {
  const { replayId, reread, known, effective, putAside } = stored
  const range = readRange(stored.range)
  return create(ReplaySchema, {
    replayId,
    ...(range && { range }),
    phase: ReplayPhase[stored.phase],
    partitions: stored.partitions.map(toReplayPartition),
    reread,
    known,
    effective,
    putAside,
    subject: stored.startedBy,
    createTime: timestampFromDate(stored.startedAt),
    ...(stored.endedAt === undefined ? {} : { endTime: timestampFromDate(stored.endedAt) }),
    cancelledBy: stored.cancelledBy ?? '',
  })
}

/** The stored range; undefined where a script, which stores what it likes, has started the replay. */
function readRange(stored: unknown): ReplayRange | undefined {
  try {
    return fromJson(ReplayRangeSchema, stored as JsonValue)
  } catch {
    // The counts and the partitions of the replay say enough.
    return undefined
  }
}

export function toReplayPartition(stored: StoredReplay['partitions'][number]): ReplayPartition {
  const { topic, partition, position, target, until, end, gone } = stored
  return create(ReplayPartitionSchema, {
    topic,
    partition,
    position,
    targetOffset: target,
    untilOffset: until,
    endOffset: end,
    records: until - target,
    gone,
  })
}

function toFrom(from: ReplayRange['from']): Range['from'] {
  switch (from.case) {
    case 'offset':
      return { case: 'offset', value: from.value }
    case 'offsets':
      return { case: 'offsets', value: from.value.offsets }
    case 'time':
      return { case: 'time', value: timestampDate(from.value) }
    default:
      return { case: 'earliest' }
  }
}
