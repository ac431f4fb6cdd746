import type { DeadLetters, RedriveSelection } from '@boxoffice/messaging/operations'
import {
  type RedriveDeadLettersRequest,
  RedriveDeadLettersRequestSchema,
  type RedriveDeadLettersResponse,
  RedriveDeadLettersResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { CallContext } from '../grpc/call-context.ts'
import { callOf, rememberRequest } from '../grpc/request-id.ts'
import { deriveResourceId } from '../grpc/resource-id.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import { toFilter } from './dead-letter-message.ts'
import { toReceipt } from './redrive-receipt.ts'

/** RedriveDeadLetters: handles put-aside messages again; the same call continues one that was interrupted. */
export function redriveDeadLetters(deadLetters: DeadLetters<EntityManager>) {
  return async (
    request: RedriveDeadLettersRequest,
    { subject, signal }: CallContext,
  ): Promise<RedriveDeadLettersResponse> => {
    const redriveId = deriveResourceId(subject, request.requestId)
    const call = callOf(RedriveDeadLettersRequestSchema, request, { subject, resourceId: redriveId })
    const summary = await deadLetters.redrive({
      redriveId,
      subject,
      selection: toSelection(request.selection),
      messagesMax: request.maxMessages || undefined,
      signal,
      remember: (em) => rememberRequest(em, call),
    })
    return create(RedriveDeadLettersResponseSchema, { receipt: toReceipt(summary) })
  }
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
