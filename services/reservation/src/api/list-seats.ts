import { decodePageToken, encodePageToken } from '@boxoffice/common/grpc/page-token.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { SeatStatus } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import {
  type ListSeatsRequest,
  type ListSeatsResponse,
  ListSeatsResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { selectSeats } from '../storage/select-seats.ts'
import { concertNotFound } from './concert-not-found.ts'

const pageSizeDefault = 1_000

/** ListSeats: the seats of a concert in the order of the map. */
export function listSeats(database: Database) {
  return async (request: ListSeatsRequest, call: CallContext): Promise<ListSeatsResponse> => {
    const pageSize = request.pageSize || pageSizeDefault
    // The token of one concert's map says nothing about another's.
    const method = `ListSeats/${request.concertId.toLowerCase()}`
    const after =
      request.pageToken === '' ? undefined : decodePageToken(method, call.subject, request.pageToken)
    const seats = await selectSeats(database.em(), request.concertId, Number(after ?? 0), pageSize + 1)
    // Every concert has seats, and a token is only given out where more of them follow.
    if (seats.length === 0) throw concertNotFound(request.concertId)
    const page = seats.slice(0, pageSize)
    const last = seats.length > pageSize ? page.at(-1) : undefined
    return create(ListSeatsResponseSchema, {
      seats: page.map(({ seat, price, status }) => ({
        seat,
        price: BigInt(price),
        status: SeatStatus[status],
      })),
      nextPageToken: last === undefined ? '' : encodePageToken(method, call.subject, String(last.position)),
    })
  }
}
