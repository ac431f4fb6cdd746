import { topicOf } from '@boxoffice/messaging-protobuf'
import {
  PaymentAcceptedEventSchema,
  PaymentCompletedEventSchema,
  PaymentFailedEventSchema,
  PaymentProcessingEventSchema,
  PaymentSettledEventSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_events_pb.ts'

/** What tells everybody else of a transition, by what it led to. All look alike: each holds the payment after it. */
export const paymentEvents = {
  PENDING: PaymentAcceptedEventSchema,
  PROCESSING: PaymentProcessingEventSchema,
  COMPLETED: PaymentCompletedEventSchema,
  FAILED: PaymentFailedEventSchema,
  SETTLED: PaymentSettledEventSchema,
} as const

/** Every type on payment-events. */
export const paymentEventSchemas = Object.values(paymentEvents)

export const paymentEventsTopic = topicOf(PaymentAcceptedEventSchema)
