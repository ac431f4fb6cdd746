import { SeatsRefusal } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import {
  type Reservation as ReservationMessage,
  ReservationStatus,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt'
import type { Refusal } from '../domain/confirm-seats.ts'
import type { Reservation, ReservationState } from '../domain/reservation.ts'

/** A reservation as it was published. EXPIRED is not a stored state: it follows from the clock. */
export function fromReservationMessage(message: ReservationMessage): Reservation {
  return {
    reservationId: message.reservationId,
    userId: message.userId,
    concertId: message.concertId,
    seats: message.seats,
    totalPrice: message.totalPrice,
    state: stateOf(message.status),
    heldUntil: dateOf(message.expireTime),
    paymentId: message.paymentId === '' ? null : message.paymentId,
    version: message.version,
    createdAt: dateOf(message.createTime),
  }
}

export function fromSeatsRefusal(refusal: SeatsRefusal): Refusal | null {
  const name = (Object.keys(SeatsRefusal) as (keyof typeof SeatsRefusal)[]).find(
    (key) => SeatsRefusal[key] === refusal,
  )
  if (name === undefined) throw new Error(`unknown refusal of seats: ${refusal}`)
  return name === 'UNSPECIFIED' ? null : name
}

function stateOf(status: ReservationStatus): ReservationState {
  switch (status) {
    case ReservationStatus.SOLD:
      return 'SOLD'
    case ReservationStatus.RELEASED:
      return 'RELEASED'
    default:
      return 'HELD'
  }
}

/** A time of a published reservation. Every event has had both times since the first version. */
function dateOf(time: Timestamp | undefined): Date {
  if (time === undefined) throw new Error('a reservation was published without its times')
  return timestampDate(time)
}
