import { lockPositions, readAllPositions } from '../inbox/positions/positions.ts'
import { MessagingError } from '../message/messaging-error.ts'
import type { Sql } from '../sql/sql.ts'
import { planUnlessAhead, type ReplayTarget } from './plan-replay.ts'
import type { ReplayFrom } from './replay-range.ts'
import { beginReplay, type NewReplay, runningReplayId } from './replay-rows.ts'

/**
 * Moves a consumer's positions back to the targets, in the transaction that `sql` is in, with the replay that counts what follows.
 *
 * @throws MessagingError REPLAY_RUNNING, REPLAY_FROM_FUTURE
 */
export async function startReplay(
  sql: Sql,
  replay: NewReplay & { readonly from: ReplayFrom },
  targets: readonly ReplayTarget[],
): Promise<void> {
  const { consumer, from } = replay
  await lockPositions(sql)
  const running = await runningReplayId(sql, consumer)
  if (running !== undefined) throw replayRunning(consumer, running)
  await beginReplay(sql, replay, planUnlessAhead(from, targets, await readAllPositions(sql, consumer)))
}

function replayRunning(consumer: string, replayId: string): Error {
  const message = `Another replay of ${consumer} is running: ${replayId}`
  return new MessagingError('REPLAY_RUNNING', message, { details: { replay_id: replayId } })
}
