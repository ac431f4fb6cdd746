import { type Replay, ReplayService } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import type { ServiceName } from '../platform/databases.ts'
import { askEachService } from './ask-each-service.ts'
import { presentReplay } from './follow-replay.ts'
import type { Session } from './session.ts'

export interface FoundReplay {
  readonly service: ServiceName
  readonly replay: Replay
}

/** Finds a replay by its id, in any service. @throws RemoteError if no service has it, or one cannot be reached */
export async function findReplay(session: Session, replayId: string): Promise<FoundReplay> {
  return await askEachService(async (service) => {
    const replays = session.operator(ReplayService, service)
    const { replay } = await replays.getReplay({ replayId }, { signal: session.signal })
    return { service, replay: presentReplay(replay) }
  }, 'REPLAY_NOT_FOUND')
}
