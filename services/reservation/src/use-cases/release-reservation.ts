import { rememberRequest } from '@boxoffice/common/grpc/request-id.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import { appendToOutbox } from '@boxoffice/messaging'
import { type Origin, seatsReleasedMessage } from '../contract/outgoing.ts'
import { reservationNotFound } from '../contract/reservation-not-found.ts'
import { releaseReservation as decideRelease } from '../domain/release-reservation.ts'
import type { Reservation } from '../domain/reservation.ts'
import { lockReservation } from '../storage/lock-reservation.ts'
import { lockOwnSeats } from '../storage/lock-seats.ts'
import { readClock } from '../storage/read-clock.ts'
import { saveRelease } from '../storage/save-release.ts'
import type { ReservationNow } from './read-reservation.ts'

/** A reservation that a call gives back. */
export interface UnwantedReservation extends Origin {
  readonly reservationId: string
  readonly userId: string
  /** Made by releaseFingerprint. */
  readonly fingerprint: Uint8Array
}

/**
 * Gives held seats back, once for each request id. What was given back or has lapsed stays as it is.
 *
 * @throws ApiError NOT_FOUND if the user has no such reservation, FAILED_PRECONDITION if its seats are sold; the request is
 * not remembered then
 */
export function releaseReservation(
  database: Database,
  { reservationId, userId, fingerprint, requestId, traceparent }: UnwantedReservation,
): Promise<ReservationNow> {
  return database.transaction(async (em) => {
    const seen = await rememberRequest(em, {
      subject: userId,
      method: 'ReleaseReservation',
      requestId,
      fingerprint,
      resourceId: reservationId,
    })
    const reservation = await lockReservation(em, { reservationId, userId })
    if (reservation === null) throw reservationNotFound(reservationId)
    await lockOwnSeats(em, [reservation])
    const now = await readClock(em)
    const released = seen === 'new' ? release(reservation, now) : undefined
    if (released === undefined) return { reservation, now }
    await saveRelease(em, released)
    await appendToOutbox(em, [seatsReleasedMessage(released, now, { requestId, traceparent })])
    return { reservation: released, now }
  })
}

/** @returns undefined if the seats had been given back, or the hold has lapsed */
function release(reservation: Reservation, now: Date): Reservation | undefined {
  const result = decideRelease(reservation, now)
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
      return result.reservation
  }
}
