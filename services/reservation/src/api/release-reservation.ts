import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type ReleaseReservationRequest,
  type ReleaseReservationResponse,
  ReleaseReservationResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { releaseFingerprint } from '../contract/fingerprints.ts'
import { toReservationMessage } from '../contract/to-proto.ts'
import { releaseReservation } from '../use-cases/release-reservation.ts'

/** ReleaseReservation: gives held seats back. A hold that was released before or has lapsed stays as it is. */
export function releaseReservationOnce(database: Database) {
  return async (
    request: ReleaseReservationRequest,
    call: CallContext,
  ): Promise<ReleaseReservationResponse> => {
    const { requestId, reservationId } = request
    const { reservation, now } = await releaseReservation(database, {
      reservationId,
      userId: call.subject,
      fingerprint: releaseFingerprint(request),
      requestId,
      traceparent: call.traceparent,
    })
    return create(ReleaseReservationResponseSchema, { reservation: toReservationMessage(reservation, now) })
  }
}
