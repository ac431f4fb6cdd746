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
import type { HoldPolicy } from '../domain/hold-policy.ts'
import { type HoldRequest, holdSeats } from '../domain/hold-seats.ts'
import type { Reservation } from '../domain/reservation.ts'
import { ReservationEntity } from '../storage/entities.ts'
import { insertHold } from '../storage/insert-hold.ts'
import { lockSeats } from '../storage/lock-seats.ts'
import { readClock } from '../storage/read-clock.ts'
import { readHoldings } from '../storage/read-holdings.ts'
import { concertNotFound } from './concert-not-found.ts'
import { refusalOf } from './hold-refusal.ts'

/** What bounds a hold: its length, and how much one user may take where the concert does not say otherwise. */
export interface HoldSettings extends HoldPolicy {
  readonly holdDurationMs: number
}

/** HoldSeats: all of the named seats for a while, or none, once for each request id. */
export function holdSeatsOnce(database: Database, settings: HoldSettings) {
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
      const reservation = await hold(em, { reservationId, userId, concertId, seats }, settings)
      await appendToOutbox(em, [
        seatsHeldMessage(reservation, { requestId: request.requestId, traceparent: call.traceparent }),
      ])
      return answer(reservation, reservation.createdAt)
    })
}

async function hold(
  em: EntityManager,
  wanted: Omit<HoldRequest, 'durationMs' | 'policy'>,
  { holdDurationMs, openHoldsMax, pauseMs }: HoldSettings,
): Promise<Reservation> {
  const seats = await lockSeats(em, wanted)
  const { holdings, seatsPerUserMax, now } = await readHoldings(em, { ...wanted, pauseMs })
  if (seatsPerUserMax === undefined) throw concertNotFound(wanted.concertId)
  const policy = { seatsPerUserMax, openHoldsMax, pauseMs }
  const result = holdSeats({ ...wanted, durationMs: holdDurationMs, policy }, seats, holdings, now)
  if (result.outcome !== 'HELD') throw refusalOf(result, policy, now)
  await insertHold(em, result.reservation)
  return result.reservation
}

async function present(em: EntityManager, reservationId: string): Promise<HoldSeatsResponse> {
  const reservation = await em.findOneOrFail(ReservationEntity, { reservationId })
  return answer(reservation, await readClock(em))
}

function answer(reservation: Reservation, now: Date): HoldSeatsResponse {
  return create(HoldSeatsResponseSchema, { reservation: toReservationMessage(reservation, now) })
}
