import { randomUUID } from 'node:crypto'
import type { OutboxMessage } from '@boxoffice/messaging'
import { createMessage } from '@boxoffice/messaging-protobuf'
import {
  PaymentAcceptedEventSchema,
  PaymentCompletedEventSchema,
  PaymentProcessingEventSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_events_pb.ts'
import {
  type Payment,
  PaymentSchema,
  PaymentStatus,
  RefundState,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import {
  PointsChargedEventSchema,
  PointUsedEventSchema,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import {
  ConfirmSeatsCommandSchema,
  SeatsConfirmedEventSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { ReservationStatus } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'

const concertId = '7f3214a1-6052-5830-b59d-30cb4615f28e'
const price = 100n

/** The messages of the services about a user who charges 100 points and pays for a seat, each after its cause. */
export function completedPayment(nth: number): {
  readonly paymentId: string
  readonly messages: OutboxMessage[]
} {
  const [paymentId, reservationId, userId] = [randomUUID(), randomUUID(), `user-${randomUUID()}`]
  const begin = Date.now()
  let tick = 0
  let cause: string | undefined
  const say = <Desc extends DescMessage>(schema: Desc, body: MessageInitShape<Desc>) => {
    const message = createMessage({
      schema,
      body: create(schema, body),
      cause: `${paymentId}/${tick}`,
      causationId: cause,
      time: new Date(begin + tick++),
    })
    cause = message.id
    return message
  }
  const time = timestampFromDate(new Date(begin))
  const payment = (status: PaymentStatus, sequence: number): Payment =>
    create(PaymentSchema, {
      ...{
        paymentId,
        userId,
        reservationId,
        amount: price,
        status,
        sequence,
        createTime: time,
        updateTime: time,
      },
      refund: RefundState.NONE,
      final: status === PaymentStatus.COMPLETED,
    })
  const reservation = {
    ...{ reservationId, userId, concertId, seats: [`A-${nth}-1`], totalPrice: price, paymentId, version: 2 },
    status: ReservationStatus.SOLD,
  }
  const ids = { paymentId, userId, amount: price }
  return {
    paymentId,
    messages: [
      say(PointsChargedEventSchema, {
        ...{
          transactionId: randomUUID(),
          userId,
          requestId: randomUUID(),
          amount: price,
          balance: price,
          time,
        },
      }),
      say(PaymentAcceptedEventSchema, { payment: payment(PaymentStatus.PENDING, 1) }),
      say(UsePointCommandSchema, ids),
      say(PointUsedEventSchema, { ...ids, success: true, balance: 0n, time }),
      say(PaymentProcessingEventSchema, { payment: payment(PaymentStatus.PROCESSING, 2) }),
      say(ConfirmSeatsCommandSchema, { ...ids, reservationId }),
      say(SeatsConfirmedEventSchema, {
        paymentId,
        reservationId,
        success: true,
        reservation,
        time,
      }),
      say(PaymentCompletedEventSchema, { payment: payment(PaymentStatus.COMPLETED, 3) }),
    ],
  }
}
