import { decodePageToken, encodePageToken } from '@boxoffice/common/grpc/page-token.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type ListConcertsRequest,
  type ListConcertsResponse,
  ListConcertsResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { toConcertMessage } from '../contract/to-proto.ts'
import { countTakenSeats } from '../storage/count-taken-seats.ts'
import { ConcertEntity } from '../storage/entities.ts'

const method = 'ListConcerts'
const pageSizeDefault = 50

/** ListConcerts: all concerts, newest first, with the seats that can be had now. */
export function listConcerts(database: Database) {
  return async (request: ListConcertsRequest, call: CallContext): Promise<ListConcertsResponse> => {
    const pageSize = request.pageSize || pageSizeDefault
    const before =
      request.pageToken === '' ? undefined : decodePageToken(method, call.subject, request.pageToken)
    const em = database.em()
    const rows = await em.find(
      ConcertEntity,
      before === undefined ? {} : { position: { $lt: BigInt(before) } },
      { orderBy: { position: 'desc' }, limit: pageSize + 1 },
    )
    const page = rows.slice(0, pageSize)
    const last = rows.length > pageSize ? page.at(-1) : undefined
    const taken = await countTakenSeats(
      em,
      page.map(({ concertId }) => concertId),
    )
    return create(ListConcertsResponseSchema, {
      concerts: page.map((row) => toConcertMessage(row, taken.get(row.concertId) ?? 0)),
      nextPageToken: last === undefined ? '' : encodePageToken(method, call.subject, String(last.position)),
    })
  }
}
