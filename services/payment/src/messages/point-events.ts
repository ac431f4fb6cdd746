import type { ReceivedMessage } from '@boxoffice/common/inbox/message-handler.ts'
import {
  type PointRefundedEvent,
  PointRefundedEventSchema,
  PointRefusal,
  PointsChargedEventSchema,
  type PointUsedEvent,
  PointUsedEventSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import type { PointsRefusal } from '../domain/payment.ts'
import type { SagaMessage } from '../domain/saga.ts'

/** Every type on point-events; charges are passed over. */
export const pointEventSchemas = [PointUsedEventSchema, PointRefundedEventSchema, PointsChargedEventSchema]

/** What a message on point-events means for its payment; undefined if it concerns none. */
export function fromPointEvent(message: ReceivedMessage): SagaMessage | undefined {
  switch (message.type) {
    case PointUsedEventSchema.typeName:
      return fromPointUsed(message.body as PointUsedEvent)
    case PointRefundedEventSchema.typeName:
      return { type: 'POINTS_REFUNDED', amount: (message.body as PointRefundedEvent).amount }
    default:
      return undefined
  }
}

function fromPointUsed(event: PointUsedEvent): SagaMessage {
  return event.success
    ? { type: 'POINTS_TAKEN' }
    : { type: 'POINTS_REFUSED', reason: reasonOf(event.refusal) }
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
