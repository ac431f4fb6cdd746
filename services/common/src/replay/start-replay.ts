import type { EntityManager } from '@mikro-orm/postgresql'
import { lockPositions, readAllPositions } from '../inbox/positions/positions.ts'
import { MessagingError } from '../message/messaging-error.ts'
import { planUnlessAhead, type ReplayTarget } from './plan-replay.ts'
import type { ReplayFrom } from './replay-range.ts'
import { beginReplay, type NewReplay, runningReplayId } from './replay-rows.ts'

/**
 * Moves a consumer's positions back to the targets, in the transaction that `em` is in, with the replay that counts what follows.
 *
 * @throws MessagingError REPLAY_RUNNING, REPLAY_FROM_FUTURE
 */
export async function startReplay(
  em: EntityManager,
  replay: NewReplay & { readonly from: ReplayFrom },
  targets: readonly ReplayTarget[],
): Promise<void> {
  const { consumer, from } = replay
  await lockPositions(em)
  const running = await runningReplayId(em, consumer)
  if (running !== undefined) throw replayRunning(consumer, running)
  await beginReplay(em, replay, planUnlessAhead(from, targets, await readAllPositions(em, consumer)))
}

function replayRunning(consumer: string, replayId: string): Error {
  const message = `Another replay of ${consumer} is running: ${replayId}`
  return new MessagingError('REPLAY_RUNNING', message, { details: { replay_id: replayId } })
}
