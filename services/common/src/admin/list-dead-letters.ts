import { countDeadLetters, listDeadLetters as listStored } from '@boxoffice/messaging/operations'
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
import type { AdminParts } from './admin-parts.ts'
import { toDeadLetter, toFilter } from './dead-letter-message.ts'

/** ListDeadLetters: what was put aside, in the order in which it was. */
export function listDeadLetters({ database, handler }: AdminParts) {
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
    const totalSize = await countDeadLetters(database.em(), filter)
    const found = await listStored(database.em(), filter, page.after ?? 0n, page.size + 1)
    const { rows, nextPageToken } = cutPage(page, found, (row) => BigInt(row.position))
    return create(ListDeadLettersResponseSchema, {
      deadLetters: rows.map((row) => toDeadLetter(row, handler)),
      nextPageToken,
      totalSize,
    })
  }
}
