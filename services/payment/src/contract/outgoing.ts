import type { OutboxMessage } from '@boxoffice/messaging'
import { continueTrace } from '@boxoffice/messaging/telemetry'
import { createMessage } from '@boxoffice/messaging-protobuf'
import {
  RefundPointCommandSchema,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { ConfirmSeatsCommandSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { create } from '@bufbuild/protobuf'
import type { Payment } from '../domain/payment.ts'
import type { Command, TransitionEvent } from '../domain/saga.ts'
import { paymentEvents } from './payment-events.ts'
import { toPaymentMessage } from './to-proto.ts'

/** The reason for a message that payment sends. */
export interface Cause {
  /** The id of the consumed message. For what a user, a deadline or a repeated question starts: {@link startedBy}. */
  readonly cause: string
  /** The id of the consumed message, if it was one. */
  readonly causationId?: string
  readonly traceparent: string | undefined
}

/** The cause of messages that a user, a deadline or a repeated question starts: the payment and the attempt. */
export function startedBy(payment: Payment, traceparent?: string): Cause {
  return { cause: `${payment.paymentId}/${payment.attempt}`, traceparent }
}

/** The command for another service. */
export function commandMessage(payment: Payment, command: Command, cause: Cause): OutboxMessage {
  const { paymentId, userId, reservationId, amount } = payment
  const envelope = envelopeOf(payment, cause)
  switch (command) {
    case 'USE_POINTS':
      return createMessage({
        ...envelope,
        schema: UsePointCommandSchema,
        body: create(UsePointCommandSchema, { paymentId, userId, amount }),
      })
    case 'REFUND_POINTS':
      return createMessage({
        ...envelope,
        schema: RefundPointCommandSchema,
        body: create(RefundPointCommandSchema, { paymentId, userId, amount }),
      })
    case 'CONFIRM_SEATS':
      return createMessage({
        ...envelope,
        schema: ConfirmSeatsCommandSchema,
        body: create(ConfirmSeatsCommandSchema, { paymentId, reservationId, userId, amount }),
      })
  }
}

/** The event that publishes the transition that led to this state. */
export function transitionMessage(payment: Payment, event: TransitionEvent, cause: Cause): OutboxMessage {
  const schema = paymentEvents[event]
  return createMessage({
    ...envelopeOf(payment, cause),
    schema,
    body: create(schema, { payment: toPaymentMessage(payment) }),
  })
}

function envelopeOf(payment: Payment, cause: Cause) {
  return {
    time: payment.updatedAt,
    cause: cause.cause,
    causationId: cause.causationId,
    traceparent: continueTrace(cause.traceparent),
  }
}
