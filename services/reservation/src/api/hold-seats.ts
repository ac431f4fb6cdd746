import { apiError, Code, ErrorReason } from '@boxoffice/common/grpc/errors.ts'
import { rememberRequest } from '@boxoffice/common/grpc/request-id.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import { appendToOutbox } from '@boxoffice/common/outbox/append.ts'
import { deriveResourceId } from '@boxoffice/common/outbox/message-id.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type HoldSeatsRequest,
  type HoldSeatsResponse,
  HoldSeatsResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { EntityManager } from '@mikro-orm/postgresql'
import { holdFingerprint } from '../contract/fingerprints.ts'
import { seatsHeldMessage } from '../contract/outgoing.ts'
import { toReservationMessage } from '../contract/to-proto.ts'
import { type HoldRequest, holdSeats } from '../domain/hold-seats.ts'
import type { Reservation } from '../domain/reservation.ts'
import { ConcertEntity, ReservationEntity } from '../storage/entities.ts'
import { insertHold } from '../storage/insert-hold.ts'
import { lockSeats } from '../storage/lock-seats.ts'
import { readClock } from '../storage/read-clock.ts'
import { concertNotFound } from './concert-not-found.ts'

/** HoldSeats: all of the named seats for a while, or none, once for each request id. */
export function holdSeatsOnce(database: Database, durationMs: number) {
  return (request: HoldSeatsRequest, call: CallContext): Promise<HoldSeatsResponse> =>
    database.transaction(async (em) => {
      const userId = call.subject
      const reservationId = deriveResourceId(userId, request.requestId)
      const seen = await rememberRequest(em, {
        subject: userId,
        method: 'HoldSeats',
        requestId: request.requestId,
        fingerprint: holdFingerprint(request),
        resourceId: reservationId,
      })
      if (seen === 'repeated') return present(em, reservationId)
      const { concertId, seats } = request
      const reservation = await hold(em, { reservationId, userId, concertId, seats, durationMs })
      await appendToOutbox(em, [
        seatsHeldMessage(reservation, { requestId: request.requestId, traceparent: call.traceparent }),
      ])
      return answer(reservation, reservation.createdAt)
    })
}

async function hold(em: EntityManager, request: HoldRequest): Promise<Reservation> {
  const seats = await lockSeats(em, request.concertId, request.seats)
  const result = holdSeats(request, seats, await readClock(em))
  switch (result.outcome) {
    case 'NOT_FOUND':
      await refuseUnknownConcert(em, request.concertId)
      throw apiError(Code.NOT_FOUND, ErrorReason.SEAT_NOT_FOUND, 'The concert has no seat of that name', {
        seats: result.seats.join(','),
      })
    case 'UNAVAILABLE':
      throw apiError(
        Code.FAILED_PRECONDITION,
        ErrorReason.SEAT_UNAVAILABLE,
        'Somebody holds these seats or has bought them; none was held for you',
        { seats: result.seats.join(',') },
      )
    case 'HELD':
      await insertHold(em, result.reservation)
      return result.reservation
  }
}

async function refuseUnknownConcert(em: EntityManager, concertId: string): Promise<void> {
  const concerts = await em.count(ConcertEntity, { concertId })
  if (concerts === 0) throw concertNotFound(concertId)
}

async function present(em: EntityManager, reservationId: string): Promise<HoldSeatsResponse> {
  const reservation = await em.findOneOrFail(ReservationEntity, { reservationId })
  return answer(reservation, await readClock(em))
}

function answer(reservation: Reservation, now: Date): HoldSeatsResponse {
  return create(HoldSeatsResponseSchema, { reservation: toReservationMessage(reservation, now) })
}
