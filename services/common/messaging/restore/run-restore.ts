import type { Kafka, Logger } from '@boxoffice/kafka'
import { lockPositions, readAllPositions } from '../inbox/positions/positions.ts'
import type { MessageHandler } from '../message/message-handler.ts'
import { deriveMessageId } from '../message/message-id.ts'
import { findTargets } from '../replay/find-targets.ts'
import { planReplay, type ReplayTarget } from '../replay/plan-replay.ts'
import type { ReplayFrom } from '../replay/replay-range.ts'
import { beginReplay, endReplay, runningReplayId } from '../replay/replay-rows.ts'
import type { Sql, SqlDatabase } from '../sql/sql.ts'
import { applyFacts } from './apply-facts.ts'
import { endOtherSessions, releaseDatabase } from './hold-database.ts'
import { type Lease, renewLease } from './lease.ts'
import { readOutput } from './read-output.ts'
import type { RestoreHandler } from './restore-handler.ts'
import type { UnfinishedRestore } from './restore-rows.ts'

export interface RestoreParts {
  /** The service, its Kafka group and the name of its consumer. */
  readonly name: string
  readonly handler: MessageHandler
  readonly restoring: RestoreHandler
  readonly kafka: Kafka
  readonly log: Logger
  /** Works also while the database is held. */
  readonly database: SqlDatabase
  /** Interrupts the work; what was done is kept. */
  readonly signal: AbortSignal
}

/**
 * Runs a restore to its end, from where it was left. It ends the other sessions of the service, reads what the
 * service has published, and applies it. At last one transaction moves the positions of the consumer back and
 * releases the database.
 *
 * @throws SupersededError if another process works on the restore, or what a retry can help; what was done so far is
 * kept
 */
export async function runRestore(
  parts: RestoreParts,
  restore: UnfinishedRestore,
  lease: Lease,
): Promise<void> {
  const { database } = parts
  if (restore.phase === 'READING') {
    await endOtherSessions(database)
    await readOutput(parts, lease, restore.from)
    await database.transaction(async (sql) => {
      await renewLease(sql, lease)
      await sql.query(markRead, [lease.restoreId])
    })
  }
  await applyFacts(parts, lease)
  const since: ReplayFrom = { case: 'time', value: restore.from }
  const targets = await findTargets(parts, { consumer: parts.name, topics: [], from: since }, Date.now())
  await database.transaction(async (sql) => {
    await renewLease(sql, lease)
    const replayId = await beginAgain(sql, parts.name, restore, targets)
    await sql.query(markDone, [lease.restoreId, replayId])
    await releaseDatabase(sql)
  })
}

/**
 * Lets the consumer read its inputs again since the same time. Cancels a replay that was running when the backup was
 * taken.
 */
async function beginAgain(
  sql: Sql,
  consumer: string,
  { restoreId, from, startedBy }: UnfinishedRestore,
  targets: readonly ReplayTarget[],
): Promise<string> {
  const replayId = deriveMessageId('boxoffice.Replay', restoreId)
  await lockPositions(sql)
  const running = await runningReplayId(sql, consumer)
  if (running !== undefined) await endReplay(sql, running, startedBy)
  const plan = planReplay(targets, await readAllPositions(sql, consumer))
  await beginReplay(sql, { replayId, consumer, range: rangeSince(consumer, from), startedBy }, plan)
  return replayId
}

/** The range as a ReplayRange in JSON, for the reader of the replay. */
function rangeSince(consumer: string, from: Date): unknown {
  return { consumer, time: from.toISOString() }
}

const markRead = `UPDATE restore SET phase = 'APPLYING' WHERE restore_id = $1 AND phase = 'READING'`

const markDone = `
  UPDATE restore SET phase = 'DONE', ended_at = clock_timestamp(), replay_id = $2, runner = NULL WHERE restore_id = $1`
