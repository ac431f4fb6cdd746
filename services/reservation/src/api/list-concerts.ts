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
import { countTakenSeats } from '../storage/count-taken-seats.ts'
import { ConcertEntity } from '../storage/entities.ts'

/** ListConcerts: all concerts, newest first, with the seats that can be had now. */
export function listConcerts(database: Database) {
  return async (request: ListConcertsRequest, { subject }: CallContext): Promise<ListConcertsResponse> => {
    const page = await readPage(ListConcertsRequestSchema, request, {
      database,
      subject,
      cursor: positionCursor,
    })
    const em = database.em()
    const found = await em.find(
      ConcertEntity,
      page.after === undefined ? {} : { position: { $lt: page.after } },
      { orderBy: { position: 'desc' }, limit: page.size + 1 },
    )
    const { rows, nextPageToken } = cutPage(page, found, (row) => row.position)
    const concertIds = rows.map(({ concertId }) => concertId)
    const taken = await countTakenSeats(em, concertIds)
    return create(ListConcertsResponseSchema, {
      concerts: rows.map((row) => toConcertMessage(row, taken.get(row.concertId) ?? 0)),
      nextPageToken,
    })
  }
}
