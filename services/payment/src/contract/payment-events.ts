import { topicOf } from '@boxoffice/messaging-protobuf'
import {
  PaymentAcceptedEventSchema,
  PaymentCompletedEventSchema,
  PaymentFailedEventSchema,
  PaymentProcessingEventSchema,
  PaymentSettledEventSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_events_pb.ts'

/** The event type of each transition, by the status it led to. Each event has the payment after the transition. */
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
