import type { ReceivedMessage } from '@boxoffice/messaging'
import {
  ConcertCreatedEventSchema,
  type SeatsConfirmedEvent,
  SeatsConfirmedEventSchema,
  type SeatsHeldEvent,
  SeatsHeldEventSchema,
  SeatsRefusal as SeatsRefusalCode,
  type SeatsReleasedEvent,
  SeatsReleasedEventSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { ReservationStatus } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { timestampDate } from '@bufbuild/protobuf/wkt'
import type { Answer } from '../contract/payment-step.ts'
import type { KnownReservation } from '../domain/known-reservation.ts'
import type { SeatsRefusal } from '../domain/payment.ts'

/** Every type on reservation-events; concerts are passed over. */
export const reservationEventSchemas = [
  SeatsConfirmedEventSchema,
  SeatsHeldEventSchema,
  SeatsReleasedEventSchema,
  ConcertCreatedEventSchema,
]

/** What a message on reservation-events means for its payment; undefined if it concerns none. */
export function fromReservationEvent(message: ReceivedMessage): Answer | undefined {
  if (message.type !== SeatsConfirmedEventSchema.typeName) return undefined
  const { reservationId, success, refusal, reservation } = message.body as SeatsConfirmedEvent
  // Of seats that were refused the reservation may be somebody else's, or have another price: that is why.
  return success
    ? {
        message: { type: 'SEATS_SOLD' },
        claim: { reservationId, userId: reservation?.userId ?? '', amount: reservation?.totalPrice ?? 0n },
      }
    : { message: { type: 'SEATS_REFUSED', reason: reasonOf(refusal) }, claim: { reservationId } }
}

/** The reservation that a message on reservation-events tells of, as it stood then; undefined if it tells of none. */
export function reservationToldOf(message: ReceivedMessage): KnownReservation | undefined {
  switch (message.type) {
    case SeatsHeldEventSchema.typeName:
    case SeatsReleasedEventSchema.typeName:
    case SeatsConfirmedEventSchema.typeName: {
      const { reservation } = message.body as SeatsHeldEvent | SeatsReleasedEvent | SeatsConfirmedEvent
      if (reservation?.expireTime === undefined) return undefined
      const { reservationId, userId, totalPrice, version } = reservation
      const heldUntil = timestampDate(reservation.expireTime)
      return { reservationId, userId, totalPrice, state: stateOf(reservation.status), heldUntil, version }
    }
    default:
      return undefined
  }
}

function stateOf(status: ReservationStatus): KnownReservation['state'] {
  switch (status) {
    case ReservationStatus.SOLD:
      return 'SOLD'
    case ReservationStatus.RELEASED:
      return 'RELEASED'
    default:
      return 'HELD'
  }
}

function reasonOf(refusal: SeatsRefusalCode): SeatsRefusal {
  switch (refusal) {
    case SeatsRefusalCode.ALREADY_SOLD:
      return 'ALREADY_SOLD'
    case SeatsRefusalCode.HOLD_EXPIRED:
      return 'HOLD_EXPIRED'
    case SeatsRefusalCode.RELEASED:
      return 'RELEASED'
    case SeatsRefusalCode.AMOUNT_MISMATCH:
      return 'AMOUNT_MISMATCH'
    case SeatsRefusalCode.NOT_HOLDER:
      return 'NOT_HOLDER'
    case SeatsRefusalCode.UNKNOWN_RESERVATION:
      return 'UNKNOWN_RESERVATION'
    case SeatsRefusalCode.DISCARDED:
      return 'DISCARDED'
    default:
      throw new Error(`unknown refusal of seats: ${refusal}`)
  }
}
