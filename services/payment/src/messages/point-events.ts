import type { ReceivedMessage } from '@boxoffice/messaging'
import {
  type PointRefundedEvent,
  PointRefundedEventSchema,
  PointRefusal,
  PointsChargedEventSchema,
  type PointUsedEvent,
  PointUsedEventSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import type { Answer } from '../contract/payment-step.ts'
import type { PointsRefusal } from '../domain/payment.ts'

/** Every type on point-events; charges are passed over. */
export const pointEventSchemas = [PointUsedEventSchema, PointRefundedEventSchema, PointsChargedEventSchema]

/** The meaning of a message on point-events for its payment; undefined if it concerns no payment. */
export function fromPointEvent(message: ReceivedMessage): Answer | undefined {
  switch (message.type) {
    case PointUsedEventSchema.typeName:
      return fromPointUsed(message.body as PointUsedEvent)
    case PointRefundedEventSchema.typeName:
      return fromPointRefunded(message.body as PointRefundedEvent)
    default:
      return undefined
  }
}

function fromPointUsed({ userId, amount, success, refusal }: PointUsedEvent): Answer {
  return {
    message: success ? { type: 'POINTS_TAKEN' } : { type: 'POINTS_REFUSED', reason: reasonOf(refusal) },
    claim: { userId, amount },
  }
}

function fromPointRefunded({ userId, amount }: PointRefundedEvent): Answer {
  return { message: { type: 'POINTS_REFUNDED', amount }, claim: { userId, refunded: amount } }
}

function reasonOf(refusal: PointRefusal): PointsRefusal {
  switch (refusal) {
    case PointRefusal.INSUFFICIENT_POINTS:
      return 'INSUFFICIENT_POINTS'
    case PointRefusal.UNKNOWN_WALLET:
      return 'UNKNOWN_WALLET'
    case PointRefusal.CANCELLED:
      return 'CANCELLED'
    case PointRefusal.DISCARDED:
      return 'DISCARDED'
    default:
      throw new Error(`unknown refusal of points: ${refusal}`)
  }
}
