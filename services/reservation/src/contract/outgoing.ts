import type { OutboxMessage, ReceivedMessage } from '@boxoffice/messaging'
import { continueTrace } from '@boxoffice/messaging/telemetry'
import { causedBy, createMessage } from '@boxoffice/messaging-protobuf'
import {
  ConcertCreatedEventSchema,
  SeatsConfirmedEventSchema,
  SeatsHeldEventSchema,
  SeatsRefusal,
  SeatsReleasedEventSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { Confirmation } from '../domain/confirm-seats.ts'
import type { Reservation } from '../domain/reservation.ts'
import type { ConcertRow } from '../storage/entities.ts'
import { toConcertMessage, toReservationMessage } from './to-proto.ts'

/** The call that caused a change. */
export interface Origin {
  readonly requestId: string
  readonly traceparent: string
}

/**
 * Publishes a new concert.
 *
 * @param seatsPerUserMaxAsked - 0 if the caller left it to the service
 */
export function concertCreatedMessage(
  concert: ConcertRow,
  subject: string,
  origin: Origin,
  seatsPerUserMaxAsked: number,
): OutboxMessage {
  return createMessage({
    ...envelopeOf(concert.createdAt, origin),
    schema: ConcertCreatedEventSchema,
    body: create(ConcertCreatedEventSchema, {
      concert: toConcertMessage(concert, 0),
      requestId: origin.requestId,
      subject,
      seatsPerUserMaxAsked,
    }),
  })
}

/** Publishes that seats were held. */
export function seatsHeldMessage(reservation: Reservation, origin: Origin): OutboxMessage {
  const { createdAt } = reservation
  return createMessage({
    ...envelopeOf(createdAt, origin),
    schema: SeatsHeldEventSchema,
    body: create(SeatsHeldEventSchema, {
      reservation: toReservationMessage(reservation, createdAt),
      requestId: origin.requestId,
    }),
  })
}

/** Publishes that held seats were given back. */
export function seatsReleasedMessage(reservation: Reservation, now: Date, origin: Origin): OutboxMessage {
  return createMessage({
    ...envelopeOf(now, origin),
    schema: SeatsReleasedEventSchema,
    body: create(SeatsReleasedEventSchema, {
      reservation: toReservationMessage(reservation, now),
      requestId: origin.requestId,
    }),
  })
}

/** Answers a ConfirmSeatsCommand with the decision for its payment, and the present reservation. */
export function seatsConfirmedMessage(
  command: ReceivedMessage,
  confirmation: Confirmation,
  reservation: Reservation | undefined,
  now: Date,
): OutboxMessage {
  const { paymentId, reservationId, refusal, decidedAt } = confirmation
  return causedBy(command, {
    schema: SeatsConfirmedEventSchema,
    body: create(SeatsConfirmedEventSchema, {
      paymentId,
      reservationId,
      success: refusal === null,
      refusal: refusal === null ? SeatsRefusal.UNSPECIFIED : SeatsRefusal[refusal],
      ...(reservation === undefined ? {} : { reservation: toReservationMessage(reservation, now) }),
      time: timestampFromDate(decidedAt),
    }),
    time: now,
  })
}

function envelopeOf(time: Date, origin: Origin) {
  return { time, traceparent: continueTrace(origin.traceparent) }
}
