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

/** The meaning of a message on reservation-events for its payment; undefined if it concerns no payment. */
export function fromReservationEvent(message: ReceivedMessage): Answer | undefined {
  if (message.type !== SeatsConfirmedEventSchema.typeName) return undefined
  const { reservationId, success, refusal, reservation } = message.body as SeatsConfirmedEvent
  // A refusal may be about another user's reservation or another price: that is why it was refused.
  return success
    ? {
        message: { type: 'SEATS_SOLD' },
        claim: { reservationId, userId: reservation?.userId ?? '', amount: reservation?.totalPrice ?? 0n },
      }
    : { message: { type: 'SEATS_REFUSED', reason: reasonOf(refusal) }, claim: { reservationId } }
}

/** The reservation in a message on reservation-events, as it was then; undefined if the message has none. */
export function reservationIn(message: ReceivedMessage): KnownReservation | undefined {
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
