import type { DeadLetters } from '@boxoffice/messaging/operations'
import {
  type ListDeadLettersRequest,
  ListDeadLettersRequestSchema,
  type ListDeadLettersResponse,
  ListDeadLettersResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { CallContext } from '../grpc/call-context.ts'
import { positionCursor } from '../grpc/cursor.ts'
import { cutPage, readPage } from '../grpc/page.ts'
import type { Database } from '../postgres/database.ts'
import { toDeadLetter, toFilter } from './dead-letter-message.ts'

/**
 * ListDeadLetters: what was put aside, in that order.
 *
 * @param database - has the key of the page tokens
 */
export function listDeadLetters(deadLetters: DeadLetters, database: Database) {
  return async (
    request: ListDeadLettersRequest,
    { subject }: CallContext,
  ): Promise<ListDeadLettersResponse> => {
    const filter = toFilter(request.filter)
    const page = await readPage(ListDeadLettersRequestSchema, request, {
      database,
      subject,
      cursor: positionCursor,
    })
    const totalSize = await deadLetters.count(filter)
    const found = await deadLetters.list(filter, { after: page.after, limit: page.size + 1 })
    const { rows, nextPageToken } = cutPage(page, found, ({ position }) => position)
    return create(ListDeadLettersResponseSchema, {
      deadLetters: rows.map(toDeadLetter),
      nextPageToken,
      totalSize,
    })
  }
}
