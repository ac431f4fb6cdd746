import type { DiscardOutcome as Outcome } from '@boxoffice/messaging'
import type { DeadLetters } from '@boxoffice/messaging/operations'
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
import type { EntityManager } from '../postgres/entity-manager.ts'
import { toWholeDeadLetter } from './dead-letter-message.ts'

/** DiscardDeadLetter: gives a message up, and records and answers what became of it. */
export function discardDeadLetter(deadLetters: DeadLetters<EntityManager>) {
  return async (
    request: DiscardDeadLetterRequest,
    { subject }: CallContext,
  ): Promise<DiscardDeadLetterResponse> => {
    const { deadLetterId, reason } = request
    const call = callOf(DiscardDeadLetterRequestSchema, request, { subject, resourceId: deadLetterId })
    const discarded = await deadLetters.discard({
      deadLetterId,
      outcome: outcomeOf(request),
      reason,
      subject,
      remember: (em) => rememberRequest(em, call),
    })
    return create(DiscardDeadLetterResponseSchema, { deadLetter: toWholeDeadLetter(discarded) })
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
