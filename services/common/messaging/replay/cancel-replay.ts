import { lockPositions } from '../inbox/positions/positions.ts'
import { requireText, requireUuid } from '../message/require-field.ts'
import { isRepeated, type RepeatableChange } from '../sql/repeatable-change.ts'
import type { Sql, SqlDatabase } from '../sql/sql.ts'
import { endReplay, readReplay, type StoredReplay } from './replay-rows.ts'

export interface CancelReplay<Tx extends Sql = Sql> extends RepeatableChange<Tx> {
  readonly replayId: string
  /** The operator: kept with the replay. */
  readonly subject: string
}

/** Moves what is not back yet to where it was before the replay, while no transaction of the consumer is under way. */
export async function cancelReplay<Tx extends Sql>(
  database: SqlDatabase<Tx>,
  request: CancelReplay<Tx>,
): Promise<StoredReplay> {
  const { replayId, subject } = request
  requireUuid('replayId', replayId)
  requireText('subject', subject)
  return await database.transaction(async (tx) => {
    if (!(await isRepeated(tx, request))) {
      await lockPositions(tx)
      await endReplay(tx, replayId, subject)
    }
    return await readReplay(tx, replayId)
  })
}
