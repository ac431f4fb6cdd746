import type { HandlingParts } from '../inbox/handling/handle-messages.ts'
import { requireCount, requireText, requireUuid } from '../message/require-field.ts'
import { isRepeated, type RepeatableChange } from '../sql/repeatable-change.ts'
import type { Sql, SqlDatabase } from '../sql/sql.ts'
import { type RedriveSummary, redrive, summarizeRedrive } from './redrive.ts'
import type { ReceiptCodec } from './redrive-receipt.ts'
import { endRedrive, insertRedrive, readRedrive } from './redrive-rows.ts'
import { checkSelection, type RedriveSelection, requireSelected } from './redrive-selection.ts'

export interface RedriveRequest<Tx extends Sql = Sql> extends RepeatableChange<Tx> {
  /**
   * A UUID that the caller has drawn. Without `remember`, the id alone tells a repeated call from a new one: the other
   * fields are not compared.
   */
  readonly redriveId: string
  /** The operator: kept in the histories of the dead letters. */
  readonly subject: string
  readonly selection: RedriveSelection
  /** No further key is begun once as many messages are handled; 1,000 unless given. */
  readonly messagesMax?: number | undefined
  /** Ends the redrive between two steps. */
  readonly signal: AbortSignal
}

export interface RedrivingParts<Tx extends Sql> extends Omit<HandlingParts, 'decode' | 'database'> {
  readonly database: SqlDatabase<Tx>
  readonly receipts: ReceiptCodec
}

const messagesDefault = 1_000

/** Begins a redrive, or continues the one of this id; returns the summary that ended it. */
export async function redriveDeadLetters<Tx extends Sql>(
  parts: RedrivingParts<Tx>,
  request: RedriveRequest<Tx>,
): Promise<RedriveSummary> {
  const { redriveId, subject, selection, messagesMax = messagesDefault } = request
  requireUuid('redriveId', redriveId)
  requireText('subject', subject)
  requireCount('messagesMax', messagesMax)
  checkSelection(parts.consumer, selection)
  return (
    (await parts.database.transaction((tx) => begin(tx, parts, request))) ?? (await carryOut(parts, request))
  )
}

/** Begins the redrive unless the same call has; returns its summary if it has ended. */
async function begin<Tx extends Sql>(
  tx: Tx,
  { consumer, receipts }: RedrivingParts<Tx>,
  request: RedriveRequest<Tx>,
): Promise<RedriveSummary | undefined> {
  const { redriveId, subject, selection } = request
  const isNew = !(await isRepeated(tx, request)) && (await insertRedrive(tx, redriveId, subject))
  if (!isNew) return await storedSummary(tx, redriveId, receipts)
  // Behind the insert: the first call with this id may have settled what it selects.
  await requireSelected(tx, consumer, selection)
  return undefined
}

async function carryOut<Tx extends Sql>(
  parts: RedrivingParts<Tx>,
  { redriveId, subject, selection, messagesMax = messagesDefault, signal }: RedriveRequest<Tx>,
): Promise<RedriveSummary> {
  const { consumer, database, receipts } = parts
  const orderingKeys = await redrive(parts, { redriveId, subject, selection, messagesMax, signal })
  return await database.transaction(async (tx) => {
    const summary = await summarizeRedrive(tx, consumer, redriveId, orderingKeys)
    await endRedrive(tx, redriveId, receipts.encode(summary))
    const stored = await storedSummary(tx, redriveId, receipts)
    if (stored === undefined) throw new Error(`redrive ${redriveId} has ended without a receipt`)
    return stored
  })
}

async function storedSummary(
  sql: Sql,
  redriveId: string,
  receipts: ReceiptCodec,
): Promise<RedriveSummary | undefined> {
  const { receipt } = await readRedrive(sql, redriveId)
  return receipt === undefined ? undefined : receipts.decode(receipt)
}
