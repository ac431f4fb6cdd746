import { readReplay } from '@boxoffice/messaging/operations'
import {
  type GetReplayRequest,
  type GetReplayResponse,
  GetReplayResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { AdminParts } from './admin-parts.ts'
import { toReplay } from './replay-message.ts'

/** GetReplay: a replay as it stands. */
export function getReplay({ database }: AdminParts) {
  return async ({ replayId }: GetReplayRequest): Promise<GetReplayResponse> => {
    return await database.transaction(
      async (em) => create(GetReplayResponseSchema, { replay: toReplay(await readReplay(em, replayId)) }),
      { readOnly: true, isolationLevel: 'repeatable read' },
    )
  }
}
