import { topicOf } from '@boxoffice/messaging-protobuf'
import {
  PaymentAcceptedEventSchema,
  PaymentCompletedEventSchema,
  PaymentFailedEventSchema,
  PaymentProcessingEventSchema,
  PaymentSettledEventSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_events_pb.ts'
import {
  PointRefundedEventSchema,
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
  SeatsReleasedEventSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { DescMessage } from '@bufbuild/protobuf'

/** Every command and event that the services send. */
export const schemas: readonly DescMessage[] = [
  PaymentAcceptedEventSchema,
  PaymentProcessingEventSchema,
  PaymentCompletedEventSchema,
  PaymentFailedEventSchema,
  PaymentSettledEventSchema,
  UsePointCommandSchema,
  RefundPointCommandSchema,
  PointUsedEventSchema,
  PointRefundedEventSchema,
  PointsChargedEventSchema,
  ConfirmSeatsCommandSchema,
  SeatsConfirmedEventSchema,
  SeatsHeldEventSchema,
  SeatsReleasedEventSchema,
  ConcertCreatedEventSchema,
]

export const schemaOf: ReadonlyMap<string, DescMessage> = new Map(
  schemas.map((schema) => [schema.typeName, schema]),
)

/** The topics of these messages; each has a dead-letter topic as well, see `allTopics`. */
export const sourceTopics = [
  'payment-events',
  'point-commands',
  'point-events',
  'reservation-commands',
  'reservation-events',
] as const

export const allTopics: readonly string[] = sourceTopics.flatMap((topic) => [topic, `${topic}-dlt`])

/** The topics of each consumer group. Kafka does not know those of a group without members and commits. */
export const topicsOfGroup: Readonly<Record<string, readonly string[]>> = {
  payment: [topicOf(PointUsedEventSchema), topicOf(SeatsConfirmedEventSchema)],
  point: [topicOf(UsePointCommandSchema)],
  reservation: [topicOf(ConfirmSeatsCommandSchema)],
  console: allTopics,
}
