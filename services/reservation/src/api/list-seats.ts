import { smallPositionCursor } from '@boxoffice/common/grpc/cursor.ts'
import { cutPage, readPage } from '@boxoffice/common/grpc/page.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { SeatStatus } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import {
  type ListSeatsRequest,
  ListSeatsRequestSchema,
  type ListSeatsResponse,
  ListSeatsResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { concertNotFound } from '../contract/concert-not-found.ts'
import { listSeats } from '../use-cases/list-seats.ts'

/** ListSeats: the seats of a concert in the order of the seat map. */
export function listSeatsInOrder(database: Database) {
  return async (request: ListSeatsRequest, { subject }: CallContext): Promise<ListSeatsResponse> => {
    const { concertId } = request
    const page = await readPage(ListSeatsRequestSchema, request, {
      database,
      subject,
      cursor: smallPositionCursor,
      sizeDefault: 1_000,
    })
    const found = await listSeats(database, {
      concertId,
      after: Number(page.after ?? 0n),
      limit: page.size + 1,
    })
    // Every concert has seats, and a page token is returned only if more of them follow.
    if (found.length === 0) throw concertNotFound(concertId)
    const { rows, nextPageToken } = cutPage(page, found, (row) => BigInt(row.position))
    return create(ListSeatsResponseSchema, {
      seats: rows.map(({ seat, price, status }) => ({
        seat,
        price: BigInt(price),
        status: SeatStatus[status],
      })),
      nextPageToken,
    })
  }
}
