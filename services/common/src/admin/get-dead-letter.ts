import type { DeadLetters } from '@boxoffice/messaging/operations'
import {
  type GetDeadLetterRequest,
  type GetDeadLetterResponse,
  GetDeadLetterResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { toWholeDeadLetter } from './dead-letter-message.ts'

/** GetDeadLetter: one dead letter with everything that is known of it. */
export function getDeadLetter(deadLetters: DeadLetters) {
  return async ({ deadLetterId }: GetDeadLetterRequest): Promise<GetDeadLetterResponse> => {
    const deadLetter = toWholeDeadLetter(await deadLetters.get(deadLetterId))
    return create(GetDeadLetterResponseSchema, { deadLetter })
  }
}
