import {
  FailureReason,
  type Payment,
  PaymentStatus,
  PaymentStatusSchema,
  type PaymentTransition,
  PointsState,
  RefundState,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { timestampMs } from '@bufbuild/protobuf/wkt'
import { enumName } from './enum-name.ts'
import type { Style } from './output.ts'
import { pointsText } from './text.ts'

/** Describes a step of a payment in a few words. */
export function stepText(transition: PaymentTransition, payment: Payment): string {
  switch (transition.status) {
    case PaymentStatus.PENDING:
      return 'accepted; asking for the points'
    case PaymentStatus.PROCESSING:
      return 'points taken; confirming the seats'
    case PaymentStatus.COMPLETED:
      return 'seats sold'
    default:
      return failedText(transition, payment)
  }
}

/** The name of a status, coloured by its meaning. */
export function statusText(status: PaymentStatus, paint: (style: Style, text: string) => string): string {
  return paint(statusStyles[status] ?? 'red', enumName(PaymentStatusSchema, status))
}

const statusStyles: Readonly<Record<PaymentStatus, Style>> = {
  [PaymentStatus.UNSPECIFIED]: 'red',
  [PaymentStatus.PENDING]: 'yellow',
  [PaymentStatus.PROCESSING]: 'cyan',
  [PaymentStatus.COMPLETED]: 'green',
  [PaymentStatus.FAILED]: 'red',
}

/** The reason of a failed payment, in words. */
export function reasonText(reason: FailureReason): string {
  return reasons[reason] ?? 'for a reason that is not known here'
}

const reasons: Readonly<Record<FailureReason, string>> = {
  [FailureReason.UNSPECIFIED]: '',
  [FailureReason.INSUFFICIENT_POINTS]: 'the wallet holds fewer points than the price',
  [FailureReason.UNKNOWN_WALLET]: 'there is no wallet yet',
  [FailureReason.CANCELLED]: 'it was cancelled',
  [FailureReason.TIMED_OUT]: 'no answer about the points came in time',
  [FailureReason.ALREADY_SOLD]: 'the reservation was sold to another payment',
  [FailureReason.HOLD_EXPIRED]: 'the hold lapsed before the seats were confirmed',
  [FailureReason.RELEASED]: 'the seats were given back',
  [FailureReason.AMOUNT_MISMATCH]: 'the amount is not the price of the seats',
  [FailureReason.NOT_HOLDER]: 'the reservation belongs to another user',
  [FailureReason.UNKNOWN_RESERVATION]: 'there is no such reservation',
  [FailureReason.DISCARDED]: 'a message could not be handled, and an operator gave it up',
}

/** Describes the state of the points of a failed payment. */
export function refundText({ refund, points, amount }: Payment): string {
  switch (refund) {
    case RefundState.PENDING:
      return 'points that were taken are being given back'
    case RefundState.DONE:
      return points === PointsState.TAKEN ? `${pointsText(amount)} came back` : 'no points were taken'
    default:
      return 'no points were taken'
  }
}

/** Milliseconds between two steps; 0 where a time is missing. */
export function msBetween(
  before: PaymentTransition | undefined,
  after: PaymentTransition | undefined,
): number {
  if (before?.time === undefined || after?.time === undefined) return 0
  return timestampMs(after.time) - timestampMs(before.time)
}

function failedText(transition: PaymentTransition, payment: Payment): string {
  const first = payment.transitions.find(({ status }) => status === PaymentStatus.FAILED)
  const isFirst = first === undefined || first.sequence === transition.sequence
  if (isFirst) {
    const why = reasonText(transition.failureReason)
    return transition.refund === RefundState.PENDING ? `${why}; giving back what was taken` : why
  }
  return transition.refund === RefundState.DONE ? refundText(payment) : 'more became known about it'
}
