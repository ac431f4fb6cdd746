import type { StoredRestore } from '@boxoffice/messaging/operations'
import {
  type Restore,
  RestorePhase,
  RestoreSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'

export function toRestore(stored: StoredRestore): Restore {
  const { from, phase, contradictions, startedBy, startedAt, endedAt, ...counts } = stored
  return create(RestoreSchema, {
    ...counts,
    from: timestampFromDate(from),
    phase: RestorePhase[phase],
    contradictions: [...contradictions],
    replayId: stored.replayId ?? '',
    subject: startedBy,
    createTime: timestampFromDate(startedAt),
    ...(endedAt === undefined ? {} : { endTime: timestampFromDate(endedAt) }),
  })
}
