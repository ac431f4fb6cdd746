import { apiError, Code, ErrorReason } from '@boxoffice/common/grpc/errors.ts'
import { rememberRequest } from '@boxoffice/common/grpc/request-id.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import { appendToOutbox } from '@boxoffice/common/outbox/append.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type ReleaseReservationRequest,
  type ReleaseReservationResponse,
  ReleaseReservationResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { EntityManager } from '@mikro-orm/postgresql'
import { releaseFingerprint } from '../contract/fingerprints.ts'
import { seatsReleasedMessage } from '../contract/outgoing.ts'
import { toReservationMessage } from '../contract/to-proto.ts'
import { releaseReservation } from '../domain/release-reservation.ts'
import type { Reservation } from '../domain/reservation.ts'
import { ReservationEntity } from '../storage/entities.ts'
import { freeSeats } from '../storage/free-seats.ts'
import { lockReservation } from '../storage/lock-reservation.ts'
import { lockOwnSeats } from '../storage/lock-seats.ts'
import { readClock } from '../storage/read-clock.ts'
import { reservationNotFound } from './reservation-not-found.ts'

/** ReleaseReservation: gives held seats back. What was given back or has lapsed stays as it is. */
export function releaseReservationOnce(database: Database) {
  return (request: ReleaseReservationRequest, call: CallContext): Promise<ReleaseReservationResponse> =>
    database.transaction(async (em) => {
      const seen = await rememberRequest(em, {
        subject: call.subject,
        method: 'ReleaseReservation',
        requestId: request.requestId,
        fingerprint: releaseFingerprint(request),
        resourceId: request.reservationId,
      })
      const { reservationId } = request
      const reservation = await lockReservation(em, { reservationId, userId: call.subject })
      if (reservation === null) throw reservationNotFound(request.reservationId)
      await lockOwnSeats(em, [reservation])
      const now = await readClock(em)
      const released = seen === 'new' ? await release(em, reservation, now) : undefined
      if (released !== undefined) {
        await appendToOutbox(em, [
          seatsReleasedMessage(released, now, {
            requestId: request.requestId,
            traceparent: call.traceparent,
          }),
        ])
      }
      return create(ReleaseReservationResponseSchema, {
        reservation: toReservationMessage(released ?? reservation, now),
      })
    })
}

/** @returns the reservation if its seats were given back now, undefined if they had been or the hold has lapsed */
async function release(
  em: EntityManager,
  reservation: Reservation,
  now: Date,
): Promise<Reservation | undefined> {
  const result = releaseReservation(reservation, now)
  switch (result.outcome) {
    case 'SOLD':
      throw apiError(
        Code.FAILED_PRECONDITION,
        ErrorReason.RESERVATION_SOLD,
        'The seats are sold; sold seats cannot be given back',
      )
    case 'UNCHANGED':
      return undefined
    case 'RELEASED':
      em.assign(em.getReference(ReservationEntity, reservation.reservationId), {
        state: result.reservation.state,
        heldUntil: result.reservation.heldUntil,
        version: result.reservation.version,
      })
      await em.flush()
      await freeSeats(em, result.reservation)
      return result.reservation
  }
}
