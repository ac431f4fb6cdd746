import {
  type GetDeadLetterRequest,
  type GetDeadLetterResponse,
  GetDeadLetterResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { readEvents } from '../dead-letters/dead-letter-events.ts'
import { findDeadLetter } from '../dead-letters/dead-letter-rows.ts'
import { apiError, Code, ErrorReason } from '../status/errors.ts'
import type { AdminParts } from './admin-parts.ts'
import { toWholeDeadLetter } from './dead-letter-message.ts'

/** GetDeadLetter: one dead letter with everything that is known of it. */
export function getDeadLetter({ database, handler }: AdminParts) {
  return async ({ deadLetterId }: GetDeadLetterRequest): Promise<GetDeadLetterResponse> => {
    const em = database.em()
    const row = await findDeadLetter(em, deadLetterId)
    if (row === undefined) throw deadLetterNotFound(deadLetterId)
    const deadLetter = toWholeDeadLetter(row, await readEvents(em, deadLetterId), handler)
    return create(GetDeadLetterResponseSchema, { deadLetter })
  }
}

export function deadLetterNotFound(deadLetterId: string): Error {
  return apiError(
    Code.NOT_FOUND,
    ErrorReason.DEAD_LETTER_NOT_FOUND,
    `this service has no dead letter ${deadLetterId}`,
  )
}
