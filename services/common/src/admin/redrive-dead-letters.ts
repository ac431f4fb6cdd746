import type { RedriveParts } from '@boxoffice/messaging/operations'
import {
  checkSelection,
  endRedrive,
  insertRedrive,
  type RedriveRequest,
  type RedriveSelection,
  type RedriveSummary,
  readRedrive,
  redrive,
  summarizeRedrive,
} from '@boxoffice/messaging/operations'
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
import type { CallContext } from '../grpc/call-context.ts'
import { callOf, rememberRequest } from '../grpc/request-id.ts'
import { deriveResourceId } from '../grpc/resource-id.ts'
import type { Database } from '../postgres/database.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import type { AdminParts } from './admin-parts.ts'
import { toFilter } from './dead-letter-message.ts'

const messagesDefault = 1_000

/** RedriveDeadLetters: handles put-aside messages again; the same call continues one that was interrupted. */
export function redriveDeadLetters({ name, handler, database, tracer }: AdminParts) {
  const parts: RedriveParts = {
    consumer: name,
    source: `boxoffice/${name}`,
    database,
    handler,
    tracer,
  }
  return async (
    request: RedriveDeadLettersRequest,
    { subject, signal }: CallContext,
  ): Promise<RedriveDeadLettersResponse> => {
    const asked: RedriveRequest = {
      redriveId: deriveResourceId(subject, request.requestId),
      subject,
      selection: toSelection(request.selection),
      messagesMax: request.maxMessages || messagesDefault,
      signal,
    }
    const receipt =
      (await database.transaction((em) => begin(em, name, asked, request))) ??
      (await carryOut(database, parts, asked))
    return create(RedriveDeadLettersResponseSchema, { receipt })
  }
}

/** Begins the redrive unless the same request has; returns its receipt if it has ended. */
async function begin(
  em: EntityManager,
  consumer: string,
  { redriveId, subject, selection }: RedriveRequest,
  request: RedriveDeadLettersRequest,
): Promise<RedriveReceipt | undefined> {
  const seen = await rememberRequest(
    em,
    callOf(RedriveDeadLettersRequestSchema, request, { subject, resourceId: redriveId }),
  )
  if (seen === 'repeated') return await storedReceipt(em, redriveId)
  await checkSelection(em, consumer, selection)
  await insertRedrive(em, redriveId, subject)
  return undefined
}

async function carryOut(
  database: Database,
  parts: RedriveParts,
  asked: RedriveRequest,
): Promise<RedriveReceipt> {
  const { redriveId } = asked
  const orderingKeys = await redrive(parts, asked)
  return await database.transaction(async (em) => {
    const summary = await summarizeRedrive(em, parts.consumer, redriveId, orderingKeys)
    await endRedrive(em, redriveId, toBinary(RedriveReceiptSchema, toReceipt(redriveId, summary)))
    const receipt = await storedReceipt(em, redriveId)
    if (receipt === undefined) throw new Error(`redrive ${redriveId} has ended without a receipt`)
    return receipt
  })
}

async function storedReceipt(em: EntityManager, redriveId: string): Promise<RedriveReceipt | undefined> {
  const { receipt } = await readRedrive(em, redriveId)
  return receipt === undefined ? undefined : fromBinary(RedriveReceiptSchema, receipt)
}

function toReceipt(redriveId: string, summary: RedriveSummary): RedriveReceipt {
  return create(RedriveReceiptSchema, {
    redriveId,
    subject: summary.subject,
    createTime: timestampFromDate(summary.createdAt),
    redriven: BigInt(summary.redriven),
    failed: BigInt(summary.failed),
    remaining: BigInt(summary.remaining),
    failures: summary.failures.map((failure) => ({ ...failure, remaining: BigInt(failure.remaining) })),
  })
}

function toSelection(selection: RedriveDeadLettersRequest['selection']): RedriveSelection {
  switch (selection.case) {
    case 'deadLetterId':
    case 'key':
      return selection
    case 'filter':
      return { case: 'filter', value: toFilter(selection.value) }
    default:
      throw new Error('a request without a selection passed validation')
  }
}
