import type { Replays } from '@boxoffice/messaging/operations'
import {
  type GetReplayRequest,
  type GetReplayResponse,
  GetReplayResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { toReplay } from './replay-message.ts'

/** GetReplay: a replay and how far it has come. */
export function getReplay(replays: Replays) {
  return async ({ replayId }: GetReplayRequest): Promise<GetReplayResponse> =>
    create(GetReplayResponseSchema, { replay: toReplay(await replays.read(replayId)) })
}
