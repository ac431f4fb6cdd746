import type { Transactions } from '@boxoffice/common/grpc/call-store.ts'
import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import { type Origin, seatsReleasedMessage } from '../contract/outgoing.ts'
import { reservationNotFound } from '../contract/reservation-not-found.ts'
import { releaseReservation as decideRelease } from '../domain/release-reservation.ts'
import type { Reservation, ReservationNow } from '../domain/reservation.ts'
import { type ReservationStore, reservationStore } from '../storage/reservation-store.ts'

/** A reservation that a call gives back. */
export interface UnwantedReservation extends Origin {
  readonly reservationId: string
  readonly userId: string
  /** From releaseFingerprint. */
  readonly fingerprint: Uint8Array
}

/**
 * Gives held seats back, once for each request id. A hold that was released before or has lapsed stays as it is.
 *
 * @throws ApiError NOT_FOUND if the user has no such reservation, FAILED_PRECONDITION if its seats are sold. The
 * request is not remembered in either case
 */
export const releaseReservation = releaseReservationIn(reservationStore)

/** The same use case on any store. */
export function releaseReservationIn<Tx>(store: ReservationStore<Tx>) {
  return (
    database: Pick<Transactions<Tx>, 'transaction'>,
    { reservationId, userId, fingerprint, requestId, traceparent }: UnwantedReservation,
  ): Promise<ReservationNow> =>
    database.transaction(async (tx) => {
      const seen = await store.rememberRequest(tx, {
        subject: userId,
        method: 'ReleaseReservation',
        requestId,
        fingerprint,
        resourceId: reservationId,
      })
      const found = await store.lockOwnReservation(tx, { reservationId, userId })
      if (found === undefined) throw reservationNotFound(reservationId)
      const { reservation, now } = found
      const released = seen === 'new' ? release(reservation, now) : undefined
      if (released === undefined) return { reservation, now }
      await store.saveRelease(tx, released)
      await store.append(tx, [seatsReleasedMessage(released, now, { requestId, traceparent })])
      return { reservation: released, now }
    })
}

/** @returns undefined if the seats were given back before, or the hold has lapsed */
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
