import { pause } from '@boxoffice/pacing'
import {
  type Replay,
  ReplayPhase,
  ReplayService,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import type { ServiceName } from '../platform/databases.ts'
import { createProgressBar } from './progress-bar.ts'
import type { Session } from './session.ts'
import { unlessAway } from './unless-away.ts'

const pollMs = 200

/**
 * Follows a replay with a progress bar until it has ended, or until Ctrl-C: the replay itself continues.
 *
 * @returns the last known state of the replay
 */
export async function followReplay(session: Session, service: ServiceName, begun: Replay): Promise<Replay> {
  const bar = createProgressBar()
  const replays = session.operator(ReplayService, service)
  const { replayId } = begun
  let replay = begun
  bar.begin('replay', Number(sum(replay, ({ records }) => records)))
  try {
    while (replay.phase === ReplayPhase.RUNNING && !session.signal.aborted) {
      bar.reach(Number(sum(replay, ({ position, targetOffset }) => position - targetOffset)))
      await pause(pollMs, session.signal)
      replay = (await unlessAway(() => replays.getReplay({ replayId })))?.replay ?? replay
    }
  } finally {
    bar.end()
  }
  return replay
}

export function presentReplay(replay: Replay | undefined): Replay {
  if (replay === undefined) throw new Error('the answer holds no replay')
  return replay
}

function sum({ partitions }: Replay, count: (partition: Replay['partitions'][number]) => bigint): bigint {
  return partitions.reduce((total, partition) => total + count(partition), 0n)
}
