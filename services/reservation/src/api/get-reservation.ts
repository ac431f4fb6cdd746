import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type GetReservationRequest,
  type GetReservationResponse,
  GetReservationResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { reservationNotFound } from '../contract/reservation-not-found.ts'
import { toReservationMessage } from '../contract/to-proto.ts'
import { readReservation } from '../use-cases/read-reservation.ts'

/** GetReservation: one reservation of the caller, with its present status. */
export function getReservation(database: Database) {
  return async (request: GetReservationRequest, call: CallContext): Promise<GetReservationResponse> => {
    const { reservationId } = request
    const found = await readReservation(database, { reservationId, userId: call.subject })
    if (found === undefined) throw reservationNotFound(reservationId)
    const { reservation, now } = found
    return create(GetReservationResponseSchema, { reservation: toReservationMessage(reservation, now) })
  }
}
