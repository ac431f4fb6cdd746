import { readEvents, requireDeadLetter } from '@boxoffice/messaging/operations'
import {
  type GetDeadLetterRequest,
  type GetDeadLetterResponse,
  GetDeadLetterResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { AdminParts } from './admin-parts.ts'
import { toWholeDeadLetter } from './dead-letter-message.ts'

/** GetDeadLetter: one dead letter with everything that is known of it. */
export function getDeadLetter({ database, handler }: AdminParts) {
  return async ({ deadLetterId }: GetDeadLetterRequest): Promise<GetDeadLetterResponse> => {
    const em = database.em()
    const row = await requireDeadLetter(em, deadLetterId)
    const deadLetter = toWholeDeadLetter(row, await readEvents(em, deadLetterId), handler)
    return create(GetDeadLetterResponseSchema, { deadLetter })
  }
}
