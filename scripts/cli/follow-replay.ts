import { setTimeout as delay } from 'node:timers/promises'
import { Code, RemoteError } from '@boxoffice/common/grpc/errors.ts'
import {
  type Replay,
  ReplayPhase,
  ReplayService,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import type { ServiceName } from '../platform/databases.ts'
import { createProgressBar } from './progress-bar.ts'
import type { Session } from './session.ts'

const pollMs = 200

/**
 * Follows a replay with a progress bar until it has ended, or until Ctrl-C: it goes on by itself.
 *
 * @returns the replay as it was last seen
 */
export async function followReplay(session: Session, service: ServiceName, begun: Replay): Promise<Replay> {
  const bar = createProgressBar()
  const { replayId } = begun
  let replay = begun
  bar.begin('replay', Number(sum(replay, ({ records }) => records)))
  try {
    while (replay.phase === ReplayPhase.RUNNING && !session.signal.aborted) {
      bar.reach(Number(sum(replay, ({ position, targetOffset }) => position - targetOffset)))
      await delay(pollMs, undefined, { signal: session.signal }).catch(() => undefined)
      replay = (await answerOf(session, service, replayId)) ?? replay
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

/** The replay as it stands; undefined while the service is away, which does not end a replay. */
async function answerOf(
  session: Session,
  service: ServiceName,
  replayId: string,
): Promise<Replay | undefined> {
  try {
    return (await session.operator(ReplayService, service).getReplay({ replayId })).replay
  } catch (error) {
    if (error instanceof RemoteError && passing.includes(error.code)) return undefined
    throw error
  }
}

const passing: readonly number[] = [Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED]

function sum({ partitions }: Replay, of: (partition: Replay['partitions'][number]) => bigint): bigint {
  return partitions.reduce((total, partition) => total + of(partition), 0n)
}
