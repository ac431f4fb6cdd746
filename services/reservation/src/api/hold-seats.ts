import { requestIdReused } from '@boxoffice/common/grpc/request-id.ts'
import { deriveResourceId } from '@boxoffice/common/grpc/resource-id.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type HoldSeatsRequest,
  type HoldSeatsResponse,
  HoldSeatsResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { concertNotFound } from '../contract/concert-not-found.ts'
import { holdFingerprint } from '../contract/fingerprints.ts'
import { toReservationMessage } from '../contract/to-proto.ts'
import { createSeatHolder, type HoldSettings } from '../use-cases/hold-seats.ts'
import { refusalOf } from './hold-refusal.ts'

/** HoldSeats: holds all of the named seats for a while, or none, once for each request id. */
export function holdSeatsOnce(database: Database, settings: HoldSettings) {
  const hold = createSeatHolder(database, settings)
  return async (request: HoldSeatsRequest, call: CallContext): Promise<HoldSeatsResponse> => {
    const { requestId, concertId, seats } = request
    const outcome = await hold(
      {
        reservationId: deriveResourceId(call.subject, requestId),
        userId: call.subject,
        requestId,
        fingerprint: holdFingerprint(request),
        concertId,
        seats,
        traceparent: call.traceparent,
      },
      call.signal,
    )
    switch (outcome.outcome) {
      case 'ACCEPTED': {
        const { reservation, now } = outcome
        return create(HoldSeatsResponseSchema, { reservation: toReservationMessage(reservation, now) })
      }
      case 'REQUEST_ID_REUSED':
        throw requestIdReused(requestId)
      case 'CONCERT_NOT_FOUND':
        throw concertNotFound(concertId)
      default:
        throw refusalOf(outcome)
    }
  }
}
