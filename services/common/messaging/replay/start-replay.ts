import { lockPositions, readAllPositions } from '../inbox/positions/positions.ts'
import { MessagingError } from '../message/messaging-error.ts'
import { requireJson, requireText, requireUuid } from '../message/require-field.ts'
import { isRepeated, type RepeatableChange } from '../sql/repeatable-change.ts'
import type { Sql, SqlDatabase } from '../sql/sql.ts'
import { findTargets, type ReplayedConsumer } from './find-targets.ts'
import { planUnlessAhead } from './plan-replay.ts'
import type { ReplayRange } from './replay-range.ts'
import { beginReplay, findReplay, readReplay, runningReplayId, type StoredReplay } from './replay-rows.ts'

export interface StartReplay<Tx extends Sql = Sql> extends RepeatableChange<Tx> {
  /**
   * A UUID that the caller has drawn. Without `remember`, the id alone tells a repeated call from a new one: the other
   * fields are not compared.
   */
  readonly replayId: string
  readonly range: ReplayRange
  /** The range as the operator asked for it, as JSON: stored, and returned by `read`. */
  readonly asked: unknown
  /** The operator: kept with the replay. */
  readonly subject: string
}

/** Asks Kafka where to read from, and then moves the positions back in one transaction with the replay. */
export async function startReplay<Tx extends Sql>(
  consumer: ReplayedConsumer & { readonly database: SqlDatabase<Tx> },
  request: StartReplay<Tx>,
): Promise<StoredReplay> {
  const { name, database } = consumer
  const { replayId, range, asked, subject } = request
  requireUuid('replayId', replayId)
  requireText('subject', subject)
  requireJson('asked', asked)
  const targets = await findTargets(consumer, range, Date.now())
  return await database.transaction(async (tx) => {
    if (await isRepeated(tx, request)) return await readReplay(tx, replayId)
    await lockPositions(tx)
    // Behind the lock: the same call may have been under way.
    const known = await findReplay(tx, replayId)
    if (known !== undefined) return known
    const running = await runningReplayId(tx, name)
    if (running !== undefined) throw replayRunning(name, running)
    const plan = planUnlessAhead(range.from, targets, await readAllPositions(tx, name))
    await beginReplay(tx, { replayId, consumer: name, range: asked, startedBy: subject }, plan)
    return await readReplay(tx, replayId)
  })
}

function replayRunning(consumer: string, replayId: string): Error {
  const message = `Another replay of ${consumer} is running: ${replayId}`
  return new MessagingError('REPLAY_RUNNING', message, { details: { replay_id: replayId } })
}
