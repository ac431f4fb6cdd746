import {
  FailureReason as FailureReasonCode,
  type Payment as PaymentMessage,
  PointsState,
  RefundState,
  SeatsState,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt'
import type { Payment } from '../domain/payment.ts'

/**
 * A payment as it was published. The number of attempts is not published, so it starts at 0 again: the participants
 * then get the same questions again, which they recognise.
 */
export function fromPaymentMessage(message: PaymentMessage): Payment {
  return {
    paymentId: message.paymentId,
    userId: message.userId,
    reservationId: message.reservationId,
    amount: message.amount,
    points: nameOf(PointsState, message.points) ?? 'UNKNOWN',
    seats: nameOf(SeatsState, message.seats) ?? 'UNKNOWN',
    refund: nameOf(RefundState, message.refund) ?? 'NONE',
    failureReason: nameOf(FailureReasonCode, message.failureReason) ?? null,
    sequence: message.sequence,
    attempt: 0,
    createdAt: dateOf(message.createTime),
    updatedAt: dateOf(message.updateTime),
    deadline: dateOf(message.deadline),
  }
}

/** The name of a value; undefined if it is unspecified. */
function nameOf<Names extends Readonly<Record<string, number>>>(
  names: Names,
  value: number,
): Exclude<keyof Names, 'UNSPECIFIED'> | undefined {
  const found = Object.keys(names).find((name) => names[name] === value)
  if (found === undefined) throw new Error(`unknown value: ${value}`)
  return found === 'UNSPECIFIED' ? undefined : (found as Exclude<keyof Names, 'UNSPECIFIED'>)
}

/** A time of a published payment. Every payment has been published with all its times since the first version. */
function dateOf(time: Timestamp | undefined): Date {
  if (time === undefined) throw new Error('a payment was published without its times')
  return timestampDate(time)
}
