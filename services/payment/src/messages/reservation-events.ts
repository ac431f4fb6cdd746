import type { ReceivedMessage } from '@boxoffice/common/inbox/message-handler.ts'
import {
  ConcertCreatedEventSchema,
  type SeatsConfirmedEvent,
  SeatsConfirmedEventSchema,
  SeatsHeldEventSchema,
  SeatsRefusal as SeatsRefusalCode,
  SeatsReleasedEventSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { SeatsRefusal } from '../domain/payment.ts'
import type { Answer } from '../storage/advance-payments.ts'

/** Every type on reservation-events; concerts, holds and releases are passed over. */
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
