import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { MessageHandler } from '@boxoffice/messaging'
import { createProtobufCodec, topicOf, typeNames } from '@boxoffice/messaging-protobuf'
import {
  PointRefundedEventSchema,
  PointsChargedEventSchema,
  PointUsedEventSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import {
  ConcertCreatedEventSchema,
  SeatsConfirmedEventSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { discardAnswer } from '../use-cases/discard-answer.ts'
import { handleAnswers } from '../use-cases/handle-answers.ts'
import type { PaymentParts } from '../use-cases/payment-parts.ts'
import { pointEventSchemas } from './point-events.ts'
import { reservationEventSchemas } from './reservation-events.ts'
import { toAnswers, toStep } from './to-step.ts'

/** The topic whose answers a payment's deadline waits for. */
export const pointEventsTopic = topicOf(PointUsedEventSchema)

/** Answers carry money and seats; charges, holds and concerts do not. */
const answerSchemas = [PointUsedEventSchema, PointRefundedEventSchema, SeatsConfirmedEventSchema]

/** Types that payment passes over: charges move no payment, and a concert is no reservation. */
const passedOverSchemas = [PointsChargedEventSchema, ConcertCreatedEventSchema]

/** point-events and reservation-events: the answers that take payments through their saga, and the reservations' states. */
export function sagaEvents(parts: Pick<PaymentParts, 'store' | 'saga'>): MessageHandler<EntityManager> {
  return {
    topics: [pointEventsTopic, topicOf(SeatsConfirmedEventSchema)],
    codec: createProtobufCodec([...pointEventSchemas, ...reservationEventSchemas]),
    passedOver: typeNames(passedOverSchemas),
    handle: (em, messages) => handleAnswers(em, toAnswers(messages), parts),
    discarding: {
      types: typeNames(answerSchemas),
      discard: (em, message, outcome) => discardAnswer(em, toStep(message), outcome, parts),
    },
  }
}
