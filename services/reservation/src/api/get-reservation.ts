import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type GetReservationRequest,
  type GetReservationResponse,
  GetReservationResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { toReservationMessage } from '../contract/to-proto.ts'
import { ReservationEntity } from '../storage/entities.ts'
import { readClock } from '../storage/read-clock.ts'
import { reservationNotFound } from './reservation-not-found.ts'

/** GetReservation: one reservation of the caller, as it stands now. */
export function getReservation(database: Database) {
  return async (request: GetReservationRequest, call: CallContext): Promise<GetReservationResponse> => {
    const em = database.em()
    const { reservationId } = request
    const reservation = await em.findOne(ReservationEntity, { reservationId, userId: call.subject })
    if (reservation === null) throw reservationNotFound(reservationId)
    return create(GetReservationResponseSchema, {
      reservation: toReservationMessage(reservation, await readClock(em)),
    })
  }
}
