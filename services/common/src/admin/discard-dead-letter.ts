import type { DiscardOutcome as Outcome } from '@boxoffice/messaging'
import { discardDeadLetter as discard, readEvents, requireDeadLetter } from '@boxoffice/messaging/operations'
import { DiscardOutcome } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import {
  type DiscardDeadLetterRequest,
  DiscardDeadLetterRequestSchema,
  type DiscardDeadLetterResponse,
  DiscardDeadLetterResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { CallContext } from '../grpc/call-context.ts'
import { callOf, rememberRequest } from '../grpc/request-id.ts'
import type { AdminParts } from './admin-parts.ts'
import { toWholeDeadLetter } from './dead-letter-message.ts'

/** DiscardDeadLetter: gives a message up, and records and answers what became of it. */
export function discardDeadLetter({ database, handler }: AdminParts) {
  return async (request: DiscardDeadLetterRequest, call: CallContext): Promise<DiscardDeadLetterResponse> => {
    const { deadLetterId } = request
    const { response, afterCommit } = await database.transaction(async (em) => {
      const found = await requireDeadLetter(em, deadLetterId)
      const seen = await rememberRequest(
        em,
        callOf(DiscardDeadLetterRequestSchema, request, { subject: call.subject, resourceId: deadLetterId }),
      )
      const { reason } = request
      const given = { outcome: outcomeOf(request), reason, subject: call.subject }
      const handled = seen === 'new' ? await discard(em, handler, found, given) : undefined
      const row = await requireDeadLetter(em, deadLetterId)
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
