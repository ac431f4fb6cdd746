import {
  type ListDeadLettersRequest,
  ListDeadLettersRequestSchema,
  type ListDeadLettersResponse,
  ListDeadLettersResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { type DeadLetterRow, deadLetterColumns } from '../dead-letters/dead-letter-rows.ts'
import type { CallContext } from '../grpc/call-context.ts'
import { positionCursor } from '../grpc/cursor.ts'
import { cutPage, readPage } from '../grpc/page.ts'
import { query } from '../postgres/query.ts'
import type { AdminParts } from './admin-parts.ts'
import { filterParameters, matchesFilter } from './dead-letter-filter.ts'
import { toDeadLetter } from './dead-letter-message.ts'

/** ListDeadLetters: what was put aside, in the order in which it was. */
export function listDeadLetters({ database, handler }: AdminParts) {
  return async (
    request: ListDeadLettersRequest,
    { subject }: CallContext,
  ): Promise<ListDeadLettersResponse> => {
    const filter = filterParameters(request.filter)
    const page = await readPage(ListDeadLettersRequestSchema, request, {
      database,
      subject,
      cursor: positionCursor,
    })
    const [total] = await query<{ size: number }>(database.em(), countMatches, filter)
    const found = await query<DeadLetterRow>(database.em(), selectPage, [
      ...filter,
      String(page.after ?? 0n),
      page.size + 1,
    ])
    const { rows, nextPageToken } = cutPage(page, found, (row) => BigInt(row.position))
    return create(ListDeadLettersResponseSchema, {
      deadLetters: rows.map((row) => toDeadLetter(row, handler)),
      nextPageToken,
      totalSize: total?.size ?? 0,
    })
  }
}

const countMatches = `SELECT count(*)::int AS size FROM dead_letter WHERE ${matchesFilter}`

const selectPage = `
  SELECT ${deadLetterColumns} FROM dead_letter
  WHERE ${matchesFilter} AND position > $7::bigint
  ORDER BY dead_letter.position LIMIT $8`
