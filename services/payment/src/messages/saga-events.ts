import type { MessageHandler } from '@boxoffice/common/message/message-handler.ts'
import { topicOf } from '@boxoffice/common/message/topic-of.ts'
import { PointUsedEventSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { SeatsConfirmedEventSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { Patience } from '../domain/patience.ts'
import { advancePayments } from '../storage/advance-payments.ts'
import { saveKnownReservations } from '../storage/known-reservations.ts'
import type { PaymentFeed } from '../watch/payment-feed.ts'
import { discardingAnswers } from './discard-answer.ts'
import { pointEventSchemas } from './point-events.ts'
import { reservationEventSchemas, reservationToldOf } from './reservation-events.ts'
import { toStep } from './to-step.ts'

/** The topic whose answers a payment's deadline waits for. */
export const pointEventsTopic = topicOf(PointUsedEventSchema)

/** point-events and reservation-events: the answers that take payments through their saga, and what is told of reservations. */
export function sagaEvents(patience: Patience, feed: PaymentFeed): MessageHandler {
  return {
    topics: [pointEventsTopic, topicOf(SeatsConfirmedEventSchema)],
    schemas: [...pointEventSchemas, ...reservationEventSchemas],
    async handle(em, messages) {
      const { changed, outbox } = await advancePayments(
        em,
        messages.flatMap((message) => toStep(message) ?? []),
        patience,
      )
      await saveKnownReservations(
        em,
        messages.flatMap((message) => reservationToldOf(message) ?? []),
      )
      return { outbox, afterCommit: () => feed.publish(changed) }
    },
    discarding: discardingAnswers(patience, feed),
  }
}
