import { DiscardOutcome } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import {
  type DiscardDeadLetterRequest,
  DiscardDeadLetterRequestSchema,
  type DiscardDeadLetterResponse,
  DiscardDeadLetterResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { EntityManager } from '@mikro-orm/postgresql'
import { keepEvents, readEvents } from '../dead-letters/dead-letter-events.ts'
import {
  findDeadLetter,
  lineOf,
  lockPutAsideRow,
  recordOf,
  type WholeDeadLetterRow,
} from '../dead-letters/dead-letter-rows.ts'
import { lockParkedKey, unparkIfEmpty } from '../dead-letters/parked-keys.ts'
import type { CallContext } from '../grpc/call-context.ts'
import { fingerprintOf, rememberRequest } from '../grpc/request-id.ts'
import { createDecode } from '../message/decode.ts'
import {
  type Handled,
  type MessageHandler,
  type DiscardOutcome as Outcome,
  OutcomeContradictedError,
} from '../message/message-handler.ts'
import { appendToOutbox } from '../outbox/append.ts'
import { query } from '../postgres/query.ts'
import { apiError, Code, ErrorReason } from '../status/errors.ts'
import type { AdminParts } from './admin-parts.ts'
import { isOutcomeRequired, toWholeDeadLetter } from './dead-letter-message.ts'
import { deadLetterNotFound } from './get-dead-letter.ts'

/** DiscardDeadLetter: gives a message up, and records and answers what became of it. */
export function discardDeadLetter({ database, handler }: AdminParts) {
  return async (request: DiscardDeadLetterRequest, call: CallContext): Promise<DiscardDeadLetterResponse> => {
    const { deadLetterId } = request
    const { response, afterCommit } = await database.transaction(async (em) => {
      const found = await findDeadLetter(em, deadLetterId)
      if (found === undefined) throw deadLetterNotFound(deadLetterId)
      const seen = await rememberRequest(em, {
        subject: call.subject,
        method: 'DiscardDeadLetter',
        requestId: request.requestId,
        fingerprint: fingerprintOf(DiscardDeadLetterRequestSchema, request),
        resourceId: deadLetterId,
      })
      const handled = seen === 'new' ? await discard(em, handler, found, request, call.subject) : undefined
      const row = (await findDeadLetter(em, deadLetterId)) ?? found
      const deadLetter = toWholeDeadLetter(row, await readEvents(em, deadLetterId), handler)
      return {
        response: create(DiscardDeadLetterResponseSchema, { deadLetter }),
        afterCommit: handled?.afterCommit,
      }
    })
    afterCommit?.()
    return response
  }
}

async function discard(
  em: EntityManager,
  handler: MessageHandler,
  found: WholeDeadLetterRow,
  request: DiscardDeadLetterRequest,
  subject: string,
): Promise<Handled | undefined> {
  const { dead_letter_id: id, consumer } = found
  const line = lineOf(found)
  // The key first, like everybody who works on it.
  if ('key' in line) await lockParkedKey(em, consumer, line)
  const row = await lockPutAsideRow(em, id)
  if (row === undefined) throw settled(id)
  const outcome = outcomeOf(request)
  if (outcome === undefined && isOutcomeRequired(row, handler)) throw outcomeRequired(row)
  const handled = outcome === undefined ? undefined : await recordOutcome(em, handler, row, outcome)
  await query(em, markDiscarded, [id, outcome ?? null])
  await keepEvents(em, [id], { action: 'DISCARDED', detail: request.reason, actor: { subject } })
  if ('key' in line) await unparkIfEmpty(em, consumer, line)
  if (handled !== undefined) await appendToOutbox(em, handled.outbox)
  return handled
}

/** Of a message that cannot be decoded, the outcome is kept with the dead letter: whoever waits for its answer asks again. */
async function recordOutcome(
  em: EntityManager,
  { schemas, discarding }: MessageHandler,
  row: WholeDeadLetterRow,
  outcome: Outcome,
): Promise<Handled | undefined> {
  const decoded = createDecode(schemas)(recordOf(row))
  if (discarding === undefined || 'poison' in decoded) return undefined
  const { message } = decoded
  if (!discarding.schemas.includes(message.schema)) return undefined
  try {
    return await discarding.discard(em, message, outcome)
  } catch (error) {
    if (!(error instanceof OutcomeContradictedError)) throw error
    throw apiError(Code.FAILED_PRECONDITION, ErrorReason.OUTCOME_CONTRADICTED, error.message)
  }
}

function outcomeOf({ outcome }: DiscardDeadLetterRequest): Outcome | undefined {
  switch (outcome) {
    case DiscardOutcome.REFUSED:
      return 'REFUSED'
    case DiscardOutcome.DONE:
      return 'DONE'
    default:
      return undefined
  }
}

function settled(id: string): Error {
  return apiError(
    Code.FAILED_PRECONDITION,
    ErrorReason.DEAD_LETTER_SETTLED,
    `dead letter ${id} was redriven or discarded before`,
  )
}

function outcomeRequired({ type }: WholeDeadLetterRow): Error {
  return apiError(
    Code.INVALID_ARGUMENT,
    ErrorReason.OUTCOME_REQUIRED,
    `${type ?? 'a message of an unknown type'} may carry money or seats: say what is to be recorded of it`,
  )
}

const markDiscarded = `UPDATE dead_letter SET state = 'DISCARDED', outcome = $2 WHERE dead_letter_id = $1`
