import { positionCursor } from '@boxoffice/common/grpc/cursor.ts'
import { cutPage, readPage } from '@boxoffice/common/grpc/page.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type ListConcertsRequest,
  ListConcertsRequestSchema,
  type ListConcertsResponse,
  ListConcertsResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { toConcertMessage } from '../contract/to-proto.ts'
import { listConcerts } from '../use-cases/list-concerts.ts'

/** ListConcerts: all concerts, newest first, with the number of seats that are available now. */
export function listConcertsInOrder(database: Database) {
  return async (request: ListConcertsRequest, { subject }: CallContext): Promise<ListConcertsResponse> => {
    const page = await readPage(ListConcertsRequestSchema, request, {
      database,
      subject,
      cursor: positionCursor,
    })
    const found = await listConcerts(database, { before: page.after, limit: page.size + 1 })
    const { rows, nextPageToken } = cutPage(page, found, ({ concert }) => concert.position)
    return create(ListConcertsResponseSchema, {
      concerts: rows.map(({ concert, seatsTaken }) => toConcertMessage(concert, seatsTaken)),
      nextPageToken,
    })
  }
}
