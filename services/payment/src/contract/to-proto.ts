import {
  FailureReason,
  type Payment as PaymentMessage,
  PaymentSchema,
  PaymentStatus,
  type PaymentTransition,
  PaymentTransitionSchema,
  PointsState,
  RefundState,
  SeatsState,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { isFinal, type Payment, statusOf } from '../domain/payment.ts'
import type { PaymentTransitionRow } from '../storage/entities.ts'
import type { PaymentWithHistory } from '../storage/read-payments.ts'

/** A payment as the API and payment-events show it. */
export function toPaymentMessage(
  payment: Payment,
  transitions: readonly PaymentTransition[] = [],
): PaymentMessage {
  return create(PaymentSchema, {
    paymentId: payment.paymentId,
    userId: payment.userId,
    reservationId: payment.reservationId,
    amount: payment.amount,
    status: PaymentStatus[statusOf(payment)],
    failureReason: failureReasonOf(payment.failureReason),
    points: PointsState[payment.points],
    seats: SeatsState[payment.seats],
    refund: RefundState[payment.refund],
    sequence: payment.sequence,
    final: isFinal(payment),
    createTime: timestampFromDate(payment.createdAt),
    updateTime: timestampFromDate(payment.updatedAt),
    deadline: timestampFromDate(payment.deadline),
    transitions: [...transitions],
  })
}

/** A stored payment with its history. */
export function historyMessage({ payment, transitions }: PaymentWithHistory): PaymentMessage {
  return toPaymentMessage(payment, transitions.map(toTransitionMessage))
}

function toTransitionMessage(row: PaymentTransitionRow): PaymentTransition {
  return create(PaymentTransitionSchema, {
    sequence: row.sequence,
    status: PaymentStatus[row.status],
    failureReason: failureReasonOf(row.failureReason),
    refund: RefundState[row.refund],
    time: timestampFromDate(row.occurredAt),
  })
}

/** The transition that led to a payment's present state. */
export function latestTransition(payment: PaymentMessage): PaymentTransition {
  return create(PaymentTransitionSchema, {
    sequence: payment.sequence,
    status: payment.status,
    failureReason: payment.failureReason,
    refund: payment.refund,
    ...(payment.updateTime === undefined ? {} : { time: payment.updateTime }),
  })
}

function failureReasonOf(reason: Payment['failureReason']): FailureReason {
  return reason === null ? FailureReason.UNSPECIFIED : FailureReason[reason]
}
