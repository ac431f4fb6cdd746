import { createReplays } from '@boxoffice/messaging/operations'
import { ReplayService } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { implement, type ServiceImplementation } from '../grpc/implement.ts'
import type { AdminParts } from './admin-parts.ts'
import { cancelReplay } from './cancel-replay.ts'
import { dryRunReplay } from './dry-run-replay.ts'
import { getReplay } from './get-replay.ts'
import { startReplay } from './start-replay.ts'

/** The operators' way to let the service's consumer read its past again. */
export function replayService(parts: AdminParts): ServiceImplementation {
  const replays = createReplays(parts)
  return implement(ReplayService, {
    dryRunReplay: dryRunReplay(replays),
    startReplay: startReplay(replays),
    getReplay: getReplay(replays),
    cancelReplay: cancelReplay(replays),
  })
}
