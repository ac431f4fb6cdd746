import { RemoteError } from '@boxoffice/common/grpc/errors.ts'
import { type Replay, ReplayService } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import type { ServiceName } from '../platform/databases.ts'
import { consumerNames } from './arguments.ts'
import { presentReplay } from './follow-replay.ts'
import type { Session } from './session.ts'

export interface FoundReplay {
  readonly service: ServiceName
  readonly replay: Replay
}

/** Asks one service after the other for a replay. @throws RemoteError if none knows it, or one cannot be asked */
export async function findReplay(session: Session, replayId: string): Promise<FoundReplay> {
  let unknown: unknown
  for (const service of consumerNames) {
    try {
      const replays = session.operator(ReplayService, service)
      const { replay } = await replays.getReplay({ replayId }, { signal: session.signal })
      return { service, replay: presentReplay(replay) }
    } catch (error) {
      if (!(error instanceof RemoteError) || error.reason !== 'REPLAY_NOT_FOUND') throw error
      unknown = error
    }
  }
  throw unknown
}
