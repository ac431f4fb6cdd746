import { randomUUID } from 'node:crypto'
import type { OutboxMessage } from '@boxoffice/messaging'
import { createMessage } from '@boxoffice/messaging-protobuf'
import * as paymentMessages from '@boxoffice/proto/boxoffice/payment/v1/payment_events_pb.ts'
import type { Payment } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import {
  PointRefundedEventSchema,
  PointRefusal,
  PointsChargedEventSchema,
  PointUsedEventSchema,
  RefundPointCommandSchema,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import {
  ConcertCreatedEventSchema,
  ConfirmSeatsCommandSchema,
  SeatsConfirmedEventSchema,
  SeatsHeldEventSchema,
  SeatsRefusal,
  SeatsReleasedEventSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import {
  type Concert,
  type Reservation,
  ReservationStatus,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'
import { timestampNow } from '@bufbuild/protobuf/wkt'

/** A message as its owner would send it, caused by a message that was never sent. */
function message<Desc extends DescMessage>(schema: Desc, body: MessageInitShape<Desc>): OutboxMessage {
  const causationId = randomUUID()
  return createMessage({
    schema,
    body: create(schema, body),
    cause: causationId,
    causationId,
    time: new Date(),
  })
}

type Paid = Pick<Payment, 'paymentId' | 'userId' | 'reservationId' | 'amount'>

export function useCommand({ paymentId, userId, amount }: Paid): OutboxMessage {
  return message(UsePointCommandSchema, { paymentId, userId, amount })
}

export function refundCommand({ paymentId, userId, amount }: Paid): OutboxMessage {
  return message(RefundPointCommandSchema, { paymentId, userId, amount })
}

export function confirmCommand({ paymentId, reservationId, userId, amount }: Paid): OutboxMessage {
  return message(ConfirmSeatsCommandSchema, { paymentId, reservationId, userId, amount })
}

/** The event that the points were taken, or why they were not. */
export function pointUsed(
  { paymentId, userId, amount }: Paid,
  refusal: PointRefusal = PointRefusal.UNSPECIFIED,
): OutboxMessage {
  const body = {
    paymentId,
    userId,
    amount,
    success: refusal === PointRefusal.UNSPECIFIED,
    refusal,
    time: timestampNow(),
  }
  return message(PointUsedEventSchema, body)
}

export function pointRefunded({ paymentId, userId, amount }: Paid): OutboxMessage {
  return message(PointRefundedEventSchema, { paymentId, userId, amount, time: timestampNow() })
}

/** The event that the seats were sold, or why they were not. */
export function seatsConfirmed(paid: Paid, refusal: SeatsRefusal = SeatsRefusal.UNSPECIFIED): OutboxMessage {
  const { paymentId, reservationId } = paid
  const reservation = soldReservation(paid)
  const success = refusal === SeatsRefusal.UNSPECIFIED
  const body = { paymentId, reservationId, success, refusal, reservation, time: timestampNow() }
  return message(SeatsConfirmedEventSchema, body)
}

/** One valid message of each type. */
export function oneOfEach(payment: Payment, reservation: Reservation, concert: Concert): OutboxMessage[] {
  const { userId, amount } = payment
  const requestId = randomUUID()
  const charge = {
    transactionId: randomUUID(),
    userId,
    requestId,
    amount,
    balance: amount,
    time: timestampNow(),
  }
  const events = Object.values(paymentMessages).filter(
    (schema): schema is typeof paymentMessages.PaymentAcceptedEventSchema => schema.kind === 'message',
  )
  return [
    useCommand(payment),
    refundCommand(payment),
    confirmCommand(payment),
    pointUsed(payment),
    pointRefunded(payment),
    message(PointsChargedEventSchema, charge),
    seatsConfirmed(payment),
    message(SeatsHeldEventSchema, { reservation, requestId }),
    message(SeatsReleasedEventSchema, { reservation, requestId }),
    message(ConcertCreatedEventSchema, { concert, requestId, subject: userId }),
    ...events.map((schema) => message(schema, { payment })),
  ]
}

function soldReservation({ paymentId, reservationId, userId, amount }: Paid) {
  return {
    ...{ reservationId, userId, concertId: randomUUID(), seats: ['A-1-1'], totalPrice: amount, paymentId },
    status: ReservationStatus.SOLD,
    version: 2,
  }
}
