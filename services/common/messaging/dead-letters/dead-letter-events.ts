import { isoTime } from '../sql/iso-time.ts'
import type { Sql } from '../sql/sql.ts'

/** The operator who changes dead letters, and the redrive that the change belongs to. */
export interface Actor {
  /** The subject of the token. */
  readonly subject: string
  readonly redriveId?: string
}

export interface DeadLetterEventRow {
  readonly action: 'REDRIVE_FAILED' | 'REDRIVEN' | 'DISCARDED'
  readonly subject: string
  readonly detail: string
  readonly redrive_id: string | null
  readonly occurred_at: string
}

/** Stores what happened to dead letters, in the transaction of the change. */
export async function keepEvents(
  sql: Sql,
  deadLetterIds: readonly string[],
  event: { readonly action: DeadLetterEventRow['action']; readonly detail: string; readonly actor: Actor },
): Promise<void> {
  const { action, detail, actor } = event
  await sql.query(insertEvents, [deadLetterIds, action, actor.subject, detail, actor.redriveId ?? null])
}

/** Reads what happened to a dead letter since it was put aside, oldest first. */
export async function readEvents(sql: Sql, deadLetterId: string): Promise<DeadLetterEventRow[]> {
  return await sql.query(selectEvents, [deadLetterId])
}

const insertEvents = `
  INSERT INTO dead_letter_event (dead_letter_id, action, subject, detail, redrive_id)
  SELECT dead_letter_id, $2, $3, $4, $5 FROM unnest($1::uuid[]) AS letter (dead_letter_id)`

const selectEvents = `
  SELECT action, subject, detail, redrive_id, ${isoTime('occurred_at')} AS occurred_at
  FROM dead_letter_event WHERE dead_letter_id = $1 ORDER BY event_id`
