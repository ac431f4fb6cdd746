import {
  type RedriveDeadLettersRequest,
  RedriveDeadLettersRequestSchema,
  type RedriveDeadLettersResponse,
  RedriveDeadLettersResponseSchema,
  type RedriveReceipt,
  RedriveReceiptSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { EntityManager } from '@mikro-orm/postgresql'
import { countPutAside, type Line, lineName } from '../dead-letters/dead-letter-rows.ts'
import { type Redriving, redriveLine } from '../dead-letters/redrive-line.ts'
import type { CallContext } from '../grpc/call-context.ts'
import { fingerprintOf, rememberRequest } from '../grpc/request-id.ts'
import { createDecode } from '../message/decode.ts'
import { deriveResourceId } from '../message/message-id.ts'
import type { Database } from '../postgres/database.ts'
import { isTransient } from '../postgres/errors.ts'
import { isoTime } from '../postgres/iso-time.ts'
import { query } from '../postgres/query.ts'
import type { AdminParts } from './admin-parts.ts'
import { checkSelection, failedLines, selectLines } from './redrive-selection.ts'

const messagesDefault = 1_000
const failuresShownMax = 100

/**
 * RedriveDeadLetters: handles put-aside messages again, key by key. What it has done is in the dead letters' histories, so
 * that a call which was interrupted, wherever, is continued by the same call.
 */
export function redriveDeadLetters({ name, handler, database, tracer }: AdminParts) {
  const work: Redriving = {
    consumer: name,
    source: `boxoffice/${name}`,
    database,
    handler,
    decode: createDecode(handler.schemas),
    isTransient,
    tracer,
  }
  return async (
    request: RedriveDeadLettersRequest,
    call: CallContext,
  ): Promise<RedriveDeadLettersResponse> => {
    const redriveId = deriveResourceId(call.subject, request.requestId)
    const receipt =
      (await database.transaction((em) => begin(em, name, redriveId, request, call.subject))) ??
      (await redriveSelection(database, work, redriveId, request, call))
    return create(RedriveDeadLettersResponseSchema, { receipt })
  }
}

/** Begins the redrive unless the same request has; returns its receipt if it has ended. */
async function begin(
  em: EntityManager,
  consumer: string,
  redriveId: string,
  request: RedriveDeadLettersRequest,
  subject: string,
): Promise<RedriveReceipt | undefined> {
  const seen = await rememberRequest(em, {
    subject,
    method: 'RedriveDeadLetters',
    requestId: request.requestId,
    fingerprint: fingerprintOf(RedriveDeadLettersRequestSchema, request),
    resourceId: redriveId,
  })
  if (seen === 'repeated') return (await readRedrive(em, redriveId)).receipt
  await checkSelection(em, consumer, request.selection)
  await query(em, insertRedrive, [redriveId, subject])
  return undefined
}

async function redriveSelection(
  database: Database,
  work: Redriving,
  redriveId: string,
  request: RedriveDeadLettersRequest,
  call: CallContext,
): Promise<RedriveReceipt> {
  const { consumer } = work
  const actor = { subject: call.subject, redriveId }
  const messagesMax = request.maxMessages || messagesDefault
  const lines = await selectLines(database.em(), consumer, request.selection)
  const failedBefore = new Set(
    (await failedLines(database.em(), redriveId)).map(({ line }) => lineName(line)),
  )
  let handled = await countRedriven(database.em(), redriveId)
  for (const line of lines) {
    if (handled >= messagesMax) break
    if (!failedBefore.has(lineName(line)))
      handled += (await redriveLine(work, line, actor, call.signal)).handled
  }
  return await database.transaction(async (em) => {
    await query(em, endRedrive, [
      redriveId,
      toBinary(RedriveReceiptSchema, await writeReceipt(em, consumer, redriveId, lines)),
    ])
    const { receipt } = await readRedrive(em, redriveId)
    if (receipt === undefined) throw new Error(`redrive ${redriveId} has ended without a receipt`)
    return receipt
  })
}

async function writeReceipt(
  em: EntityManager,
  consumer: string,
  redriveId: string,
  lines: readonly Line[],
): Promise<RedriveReceipt> {
  const { subject, createdAt } = await readRedrive(em, redriveId)
  const failed = await failedLines(em, redriveId)
  const failures = []
  for (const { line, deadLetterId, error } of failed.slice(0, failuresShownMax)) {
    failures.push({ deadLetterId, error, remaining: BigInt(await countPutAside(em, consumer, [line])) })
  }
  const all = new Map([...lines, ...failed.map(({ line }) => line)].map((line) => [lineName(line), line]))
  return create(RedriveReceiptSchema, {
    redriveId,
    subject,
    createTime: timestampFromDate(createdAt),
    redriven: BigInt(await countRedriven(em, redriveId)),
    failed: BigInt(failed.length),
    remaining: BigInt(await countPutAside(em, consumer, [...all.values()])),
    failures,
  })
}

async function readRedrive(
  em: EntityManager,
  redriveId: string,
): Promise<{
  readonly subject: string
  readonly createdAt: Date
  readonly receipt: RedriveReceipt | undefined
}> {
  const [row] = await query<{ subject: string; created_at: string; receipt: Uint8Array | null }>(
    em,
    selectRedrive,
    [redriveId],
  )
  if (row === undefined) throw new Error(`redrive ${redriveId} was there and is gone`)
  return {
    subject: row.subject,
    createdAt: new Date(row.created_at),
    receipt: row.receipt === null ? undefined : fromBinary(RedriveReceiptSchema, row.receipt),
  }
}

async function countRedriven(em: EntityManager, redriveId: string): Promise<number> {
  const [row] = await query<{ count: number }>(em, countEvents, [redriveId])
  return row?.count ?? 0
}

const insertRedrive = `INSERT INTO redrive (redrive_id, subject) VALUES ($1, $2)`

const selectRedrive = `SELECT subject, ${isoTime('created_at')} AS created_at, receipt FROM redrive WHERE redrive_id = $1`

/** The first receipt stands, if the same request was answered twice at once. */
const endRedrive = `UPDATE redrive SET receipt = $2 WHERE redrive_id = $1 AND receipt IS NULL`

const countEvents = `
  SELECT count(*)::int AS count FROM dead_letter_event WHERE redrive_id = $1 AND action = 'REDRIVEN'`
