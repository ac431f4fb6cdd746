import { requestIdReused } from '@boxoffice/common/grpc/request-id.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import { deriveResourceId } from '@boxoffice/common/outbox/message-id.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { createGroupCommit, groupBounds } from '@boxoffice/common/postgres/group-commit.ts'
import {
  type HoldSeatsRequest,
  type HoldSeatsResponse,
  HoldSeatsResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { holdFingerprint } from '../contract/fingerprints.ts'
import { toReservationMessage } from '../contract/to-proto.ts'
import { acceptHolds, type HoldOutcome, type HoldSettings, type NewHold } from '../storage/accept-holds.ts'
import { concertNotFound } from './concert-not-found.ts'
import { refusalOf } from './hold-refusal.ts'

/**
 * HoldSeats: all of the named seats for a while, or none, once for each request id. Holds that come at once share a
 * commit, and a crowd that wants one seat shares the look at it.
 */
export function holdSeatsOnce(database: Database, settings: HoldSettings) {
  const accept = createGroupCommit<NewHold, HoldOutcome>({
    ...groupBounds,
    idOf: ({ reservationId }) => reservationId,
    commit: (calls) => acceptHolds(database, calls, settings),
  })
  return async (request: HoldSeatsRequest, call: CallContext): Promise<HoldSeatsResponse> => {
    const { requestId, concertId, seats } = request
    const outcome = await accept(
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
